import { expectedOf, type Expected } from '../domain/expected-duration'
import { startState } from '../domain/start-state'
import { policyFor, type Config } from '../config'
import { RefitError } from '../domain/errors'
import type { Freeze, Policy, WindowRule } from '../domain/policy'
import { nextFit, nextOpenings, type Opening } from '../domain/window-openings'
import { stateWords, zoneOf } from '../domain/window-words'
import type { WindowState } from '../domain/window'
import { localWords } from '../domain/window-zone'
import type { FreezeRow, ServiceKey, Store } from '../store/contracts'

/** When a service may be upgraded, as `refit windows SERVICE -o json` prints it. Instants are ISO 8601. */
export interface ServiceWindows extends ServiceKey {
  policy: string
  /** what local times are told in */
  timeZone: string
  windows: WindowRule[]
  freezes: Freeze[]
  whenWindowCloses: Policy['whenWindowCloses']
  expected: Expected
  /** freezes that a person switched on */
  switches: { namespace: string | null; reason: string; by: string; at: string }[]
  state: WindowState | { kind: 'frozen'; because: string }
  /** whether it is open now, and why not, in a sentence */
  why: string
  openings: ShownOpening[]
}

export interface ShownOpening {
  kind: Opening['kind']
  from: string
  /** null: no end */
  to: string | null
  fromLocal: string
  toLocal: string | null
  /** positions of the rules, from 1 */
  rules: number[]
  /** null: no end, or too short for the upgrade, or hidden */
  latestStart: string | null
  latestStartLocal: string | null
  tooShort: boolean
  /** how many openings the freezes hide here, one after the other; 1 for one that is open */
  count: number
  /** the freezes that hide or cut it */
  freezes: Freeze[]
}

export interface WindowDeps {
  store: {
    decisions: Pick<Store['decisions'], 'read'>
    freezes: Pick<Store['freezes'], 'list'>
    upgrades: Pick<Store['upgrades'], 'durations'>
  }
  config: Pick<Config, 'policies'>
}

/** The next openings of a service. SERVICE_UNKNOWN where no scan has seen it, or no policy selects it. */
export async function serviceWindows(
  { store, config }: WindowDeps,
  { key, next, now }: { key: ServiceKey; next: number; now: Date },
): Promise<ServiceWindows> {
  const name = `${key.namespace}/${key.service}`
  const decision = await store.decisions.read(key)
  if (!decision)
    throw new RefitError('SERVICE_UNKNOWN', `No scan has decided on ${name}.`, 'Run refit scan, then try again.')
  const policy = policyFor(config, key.namespace, decision.repository)
  if (!policy) throw new RefitError('SERVICE_UNKNOWN', `No policy selects ${name}.`, 'Add one to refit.yaml.')
  const [switches, earlier] = await Promise.all([store.freezes.list(key.namespace), store.upgrades.durations(key)])
  const size = { bakeMs: policy.rollout.bakeMs, workloads: 1, migrations: policy.migrations.length }
  const expected = expectedOf({ policyMs: policy.expectedMs, earlier, size })
  const at = now.getTime()
  const rules = { windows: policy.windows, freezes: policy.freezes }
  const state = startState(rules, at, expected)
  const [thrown] = switches
  const because = thrown ? switchWords(thrown) : ''
  const zone = zoneOf(rules)
  return {
    ...{ namespace: key.namespace, service: key.service, policy: policy.name, timeZone: zone },
    ...{ ...rules, whenWindowCloses: policy.whenWindowCloses, expected },
    switches: switches.map(({ namespace, reason, by, at: since }) => ({
      namespace,
      reason,
      by,
      at: since.toISOString(),
    })),
    state: thrown ? { kind: 'frozen', because } : state,
    why: thrown ? because : stateWords(state, rules, at, expected.ms),
    openings: nextOpenings(rules, at, next, expected.ms).map((opening) => shown(opening, zone)),
  }
}

/** Why a freeze switch holds an upgrade, in a sentence. */
export const switchWords = ({ namespace, by, reason }: FreezeRow): string =>
  `${namespace === null ? 'the hub' : `namespace ${namespace}`} is frozen by ${by} until somebody lifts it (refit unfreeze): ${reason}`

function shown(opening: Opening, zone: string): ShownOpening {
  const latest = opening.kind === 'open' && !opening.tooShort ? opening.latestStart : null
  const local = (at: number | null): string | null => (at === null ? null : localWords(at, zone))
  return {
    ...{ kind: opening.kind, from: iso(opening.from) as string, to: iso(opening.to) },
    ...{ fromLocal: localWords(opening.from, zone), toLocal: local(opening.to), rules: opening.rules },
    ...{ latestStart: iso(latest), latestStartLocal: local(latest) },
    tooShort: opening.kind === 'open' && opening.tooShort,
    count: opening.kind === 'open' ? 1 : opening.count,
    freezes: opening.kind === 'open' ? opening.cutBy : opening.hiddenBy,
  }
}

const iso = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString())

/** One policy of `refit windows`: whether it is open, and its next opening. */
export interface PolicyWindows {
  policy: string
  mode: Policy['mode']
  timeZone: string
  windows: number
  state: WindowState
  why: string
  next: ShownOpening | null
}

/** Every policy by its windows and freezes alone: how long an upgrade takes differs from service to service. */
export function policyWindows({ policies }: Pick<Config, 'policies'>, now: Date): PolicyWindows[] {
  const at = now.getTime()
  return policies.map(({ name, mode, windows, freezes, expectedMs }) => {
    const rules = { windows, freezes }
    const expected: Expected | undefined = expectedMs === undefined ? undefined : { ms: expectedMs, source: 'policy' }
    const state = startState(rules, at, expected)
    const zone = zoneOf(rules)
    const next = nextFit(rules, at, expectedMs)
    return {
      ...{ policy: name, mode, timeZone: zone, windows: windows.length, state },
      why: stateWords(state, rules, at, expectedMs),
      next: next ? shown(next, zone) : null,
    }
  })
}
