/** Whatever a person does here: a button, and a dialog that says what will happen before it does. */
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useId, useRef, useState, type FormEvent, type ReactNode } from 'react'
import type { Scope } from '../../../src/domain/people'
import { postJson } from '../api/http'
import { Failure } from './asked'
import { useMay, useSession } from './may'
import { note } from './notes'
import { environmentClass } from '../words/hub'

export interface Field {
  name: string
  label: string
  kind: 'line' | 'text' | 'check' | 'instant'
  required?: boolean
  hint?: string
  value?: string
}

export interface Act {
  /** of the button */
  label: string
  title: string
  /** what will happen */
  explain: ReactNode
  /** of the button that does it */
  confirm: string
  tone?: 'main' | 'danger'
  scope: Scope
  path: string
  fields?: readonly Field[]
  /** the request, of what was filled in */
  body?: (values: Readonly<Record<string, string>>) => unknown
  /** what to say when it is done, unless the server says it */
  done?: string
}

/** A button for who may; nothing for others. */
export function ActButton({ act, className }: { act: Act; className?: string }) {
  const may = useMay()
  const dialog = useRef<HTMLDialogElement>(null)
  // A new key each time that it is asked for: only the same question repeated is the same vote.
  const [opened, setOpened] = useState<string | null>(null)
  if (!may(act.scope)) return null
  const open = (): void => {
    setOpened(newKey())
    dialog.current?.showModal()
  }
  const close = (): void => dialog.current?.close()
  return (
    <>
      <button type="button" className={className ?? act.tone ?? ''} onClick={open}>
        {act.label}
      </button>
      <dialog ref={dialog} onClose={() => setOpened(null)} aria-label={act.title}>
        {opened && <ActForm key={opened} requestId={opened} act={act} close={close} />}
      </dialog>
    </>
  )
}

/** crypto.randomUUID is there over https and on this machine only. */
const newKey = (): string =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((each) => each.toString(16).padStart(2, '0')).join('')

function ActForm({ act, requestId, close }: { act: Act; requestId: string; close: () => void }) {
  const { hub } = useSession()
  const client = useQueryClient()
  const doing = useMutation({
    mutationFn: (values: Record<string, string>) =>
      postJson<{ message?: string }>(act.path, act.body?.(values) ?? values, requestId),
    onSuccess: ({ message }) => {
      note(act.done ?? (message ? sentence(message) : 'Done.'))
      close()
    },
    onSettled: () => client.invalidateQueries(),
  })
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    doing.mutate(valuesOf(event.currentTarget))
  }
  return (
    <form className="act" onSubmit={submit}>
      <p className={`where ${environmentClass(hub.environment)}`}>
        {hub.name} <strong>{hub.environment}</strong>
      </p>
      <h2>{act.title}</h2>
      <div className="explain">{act.explain}</div>
      {act.fields?.map((field) => (
        <FieldRow key={field.name} field={field} />
      ))}
      {doing.error && <Failure error={doing.error} />}
      <div className="buttons">
        <button type="button" onClick={close}>
          Not now
        </button>
        <button type="submit" className={act.tone ?? 'main'} disabled={doing.isPending}>
          {doing.isPending ? 'Asking the server …' : act.confirm}
        </button>
      </div>
    </form>
  )
}

/** What was filled in; what was left empty is left out. */
function valuesOf(form: HTMLFormElement): Record<string, string> {
  const filled = [...new FormData(form)].map(([name, value]) => [name, typeof value === 'string' ? value.trim() : ''])
  return Object.fromEntries(filled.filter(([, value]) => value !== '')) as Record<string, string>
}

const sentence = (text: string): string =>
  `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`

function FieldRow({ field: { name, label, kind, required = false, hint, value } }: { field: Field }) {
  const id = useId()
  const hintId = hint ? `${id}-hint` : undefined
  const common = { id, name, required, 'aria-describedby': hintId }
  if (kind === 'check')
    return (
      <div className="field check">
        <input {...common} type="checkbox" value="yes" />
        <label htmlFor={id}>{label}</label>
        {hint && (
          <p id={hintId} className="muted">
            {hint}
          </p>
        )}
      </div>
    )
  return (
    <div className="field">
      <label htmlFor={id}>
        {label}
        {!required && <span className="muted"> (may stay empty)</span>}
      </label>
      {kind === 'text' ? (
        <textarea {...common} rows={3} maxLength={1_000} />
      ) : (
        <input
          {...common}
          type={kind === 'instant' ? 'datetime-local' : 'text'}
          defaultValue={value}
          maxLength={1_000}
          autoComplete="off"
        />
      )}
      {hint && (
        <p id={hintId} className="muted">
          {hint}
        </p>
      )}
    </div>
  )
}
