import type { Freeze, WindowRule } from './policy'
import { windowState, type WindowState } from './window'

const looks = 1_000

/** When all of these rules allow a start at once: the windows that several policies share. */
export function sharedWindow(all: readonly { windows: WindowRule[]; freezes: Freeze[] }[], now: number): WindowState {
  let at = now
  let because: 'window' | 'freeze' = 'window'
  for (let i = 0; i < looks; i += 1) {
    const states = all.map((rules) => windowState({ ...rules, now: at }))
    if (states.some(({ kind }) => kind === 'never')) return { kind: 'never' }
    const closed = states.flatMap((state) => (state.kind === 'closed' ? [state] : []))
    if (closed.length === 0) {
      if (at !== now) return { kind: 'closed', opensAt: at, because }
      const ends = states.flatMap((state) =>
        state.kind === 'open' && state.closesAt !== undefined ? [state.closesAt] : [],
      )
      return ends.length > 0 ? { kind: 'open', closesAt: Math.min(...ends) } : { kind: 'open' }
    }
    const last = closed.reduce((a, b) => (b.opensAt > a.opensAt ? b : a))
    at = last.opensAt
    because = last.because
  }
  return { kind: 'never' }
}
