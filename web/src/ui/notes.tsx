/** Short notes of what was done, read out to who can't see them. */
import { useSyncExternalStore } from 'react'

interface Note {
  id: number
  text: string
}

const shownMs = 8_000
let notes: readonly Note[] = []
let lastId = 0
const listeners = new Set<() => void>()

function set(next: readonly Note[]): void {
  notes = next
  for (const each of listeners) each()
}

/** Shows a note for some seconds. */
export function note(text: string): void {
  const id = ++lastId
  set([...notes, { id, text }])
  window.setTimeout(() => set(notes.filter((each) => each.id !== id)), shownMs)
}

export function Notes() {
  const shown = useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => notes,
  )
  return (
    <div className="notes" role="status" aria-live="polite">
      {shown.map(({ id, text }) => (
        <p key={id}>{text}</p>
      ))}
    </div>
  )
}
