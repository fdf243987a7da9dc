import type { Expected } from './expected-duration'
import { type WindowRules, windowState, type WindowState } from './window'

/** A guess keeps no upgrade from ever starting: where no window is that long, it doesn't count. */
export function startState(rules: WindowRules, now: number, expected: Expected | undefined): WindowState {
  const state = windowState({ ...rules, now, expectedMs: expected?.ms })
  return state.kind === 'never' && expected?.source === 'guess' ? windowState({ ...rules, now }) : state
}
