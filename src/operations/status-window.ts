import type { Config } from '../config'
import { stateWords, zoneOf } from '../domain/window-words'
import { windowState } from '../domain/window'
import { localWords } from '../domain/window-zone'
import type { FreezeRow } from '../store/contracts'
import { switchWords } from './windows'

/** Whether an upgrade may start now, by the windows and freezes of the policy and the freeze switches. */
export interface StatusWindow {
  /** `frozen`: until a person lifts it */
  state: 'open' | 'closed' | 'never' | 'frozen'
  /** when it opens next, ISO 8601; null when it is open, frozen, or never opens */
  nextOpen: string | null
  /** the same in the zone of the window */
  nextOpenLocal: string | null
  /** why it is open or not, in a sentence */
  why: string
}

/**
 * The windows of each policy, worked out once: many services have the same. Nothing where there is no such policy.
 *
 * @param freezes - the live switches of the hub and of its namespaces
 */
export function statusWindows(
  { policies }: Pick<Config, 'policies'>,
  freezes: readonly FreezeRow[],
  now: Date,
): (namespace: string, policy: string | undefined) => { window?: StatusWindow } {
  const known = new Map<string, StatusWindow>()
  return (namespace, name) => {
    const policy = policies.find((each) => each.name === name)
    if (!policy) return {}
    const frozen = freezes.find((each) => each.namespace === null || each.namespace === namespace)
    if (frozen) return { window: { state: 'frozen', nextOpen: null, nextOpenLocal: null, why: switchWords(frozen) } }
    const found = known.get(policy.name) ?? windowOf(policy, now.getTime())
    known.set(policy.name, found)
    return { window: found }
  }
}

function windowOf({ windows, freezes, expectedMs }: Config['policies'][number], now: number): StatusWindow {
  const rules = { windows, freezes }
  const state = windowState({ ...rules, now, expectedMs })
  const opensAt = state.kind === 'closed' ? state.opensAt : undefined
  const zone = zoneOf(rules)
  return {
    state: state.kind,
    nextOpen: opensAt === undefined ? null : new Date(opensAt).toISOString(),
    nextOpenLocal: opensAt === undefined ? null : `${localWords(opensAt, zone)} (${zone})`,
    why: stateWords(state, rules, now, expectedMs),
  }
}
