import type { Freeze, WindowRule } from '../../src/domain/policy'
import { windowState } from '../../src/domain/window'

export const minute = 60_000
export const hour = 60 * minute
export const rule = (cron: string, timeZone: string, durationMs = hour): WindowRule => ({ cron, timeZone, durationMs })
export const at = (instant: string): number => Date.parse(instant)

/** The answer with instants readable: `open until …`, `closed until … (freeze)`, `never: …`. */
export function said(now: string, windows: WindowRule[], freezes: Freeze[] = [], expectedMs?: number): string {
  const state = windowState({ windows, freezes, now: at(now), expectedMs })
  const iso = (instant: number): string => new Date(instant).toISOString().replace(':00.000Z', 'Z')
  if (state.kind === 'never') return `never: ${state.because}`
  if (state.kind === 'closed') return `closed until ${iso(state.opensAt)} (${state.because})`
  return state.closesAt === undefined ? 'open' : `open until ${iso(state.closesAt)}`
}
