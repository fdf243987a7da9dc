import { watchedNamespaces, type Config } from '../config'
import { routesOf, targetsOf } from '../domain/alerts'
import { RefitError } from '../domain/errors'
import { freezeAlert, frozenWords, unfreezeAlert } from '../domain/freeze-alerts'
import { wordList } from '../domain/text'
import { upgradeWorkflowId } from '../domain/temporal-names'
import type { FreezeRow, Store } from '../store/contracts'
import type { HubTemporal } from './temporal'

/** What is frozen, why, and by whom. */
export interface FreezeRequest {
  /** null: the whole hub */
  namespace: string | null
  reason: string
  by: string
  /** a login stands behind the name */
  verified?: boolean
}

/** What `refit freeze -o json` prints. */
export interface FreezeResult {
  freeze: FreezeRow
  /** it was frozen before, and stays as it was */
  alreadyFrozen: boolean
  /** open upgrades that it holds, sooner or later */
  holds: number
}

/** What `refit unfreeze -o json` prints. */
export interface UnfreezeResult {
  freeze: FreezeRow
  liftedBy: string
  /** workflows that were told to look again; null when Temporal could not be reached: they look within the hour */
  woken: number | null
  /** freezes that still hold what this one held, or a part of it */
  remaining: FreezeRow[]
}

type Deps = {
  store: { freezes: Store['freezes']; upgrades: Pick<Store['upgrades'], 'listOpen'> }
  config: Pick<Config, 'hub' | 'alerts' | 'policies'>
}

/** Stops the hub, or one namespace, at the next safe points. Throws USAGE for a namespace that no policy selects. */
export async function freeze({ store, config }: Deps, request: FreezeRequest): Promise<FreezeResult> {
  assertWatched(config, request.namespace)
  const { isNew, ...row } = await store.freezes.add(request, (made) => addressed(config, freezeAlert(config.hub, made)))
  return { freeze: row, alreadyFrozen: !isNew, holds: (await heldBy(store, row.namespace)).length }
}

/** Lifts a freeze and wakes what waits for that. Throws FREEZE_UNKNOWN when there is none. */
export async function unfreeze(
  { store, config, temporal }: Deps & { temporal: () => Promise<HubTemporal> },
  { namespace, reason, by, verified = false }: FreezeRequest,
): Promise<UnfreezeResult> {
  const lifted = await store.freezes.lift({ namespace, by, verified, reason }, (row) =>
    addressed(config, unfreezeAlert(config.hub, row, { by, verified, because: reason })),
  )
  const remaining = await store.freezes.list(namespace ?? undefined)
  if (!lifted) throw unknownFreeze(namespace, remaining)
  return { freeze: lifted, liftedBy: by, woken: await wakeAll({ store, temporal }, namespace), remaining }
}

/** What `refit freezes -o json` prints: those that hold, and those of the last 90 days. */
export async function freezes({ store }: { store: Pick<Store, 'freezes'> }, now: Date) {
  return { freezes: await store.freezes.since(new Date(now.getTime() - shownMs)) }
}

const shownMs = 90 * 86_400_000

function assertWatched(config: Deps['config'], namespace: string | null): void {
  if (namespace === null) return
  const watched = watchedNamespaces(config)
  if (watched.includes(namespace)) return
  throw new RefitError(
    'USAGE',
    `No policy selects namespace ${namespace}, so there is nothing to freeze in it.`,
    `Refit watches ${wordList(watched)}; without --namespace the whole hub is frozen.`,
  )
}

function unknownFreeze(namespace: string | null, others: readonly FreezeRow[]): RefitError {
  const what = frozenWords({ namespace })
  return new RefitError(
    'FREEZE_UNKNOWN',
    `${what[0]?.toUpperCase()}${what.slice(1)} is not frozen${others.length > 0 ? `; ${wordList(others.map(frozenWords))} is` : ''}.`,
    'refit freezes shows what is.',
  )
}

const addressed = (config: Deps['config'], alert: ReturnType<typeof freezeAlert>) => ({
  targets: targetsOf(routesOf(config.alerts), alert),
  alert,
})

const heldBy = async (store: Deps['store'], namespace: string | null) =>
  (await store.upgrades.listOpen()).filter((each) => namespace === null || each.namespace === namespace)

/** Signals at once; more would only queue up in the client. */
const atOnce = 50

/** The freeze is lifted whatever becomes of this: who isn't woken looks again within the hour. */
async function wakeAll(
  { store, temporal }: { store: Deps['store']; temporal: () => Promise<HubTemporal> },
  namespace: string | null,
): Promise<number | null> {
  try {
    const hub = await temporal()
    // Who waits for an approval asks about freezes after it.
    const waiting = (await heldBy(store, namespace)).filter(({ phase }) => phase !== 'approval')
    const ids = [
      ...waiting.map((each) => upgradeWorkflowId(each.namespace, each.service)),
      ...(await hub.openWorkflows(['data', 'release'])),
    ]
    let woken = 0
    for (let start = 0; start < ids.length; start += atOnce) {
      const answers = await Promise.all(ids.slice(start, start + atOnce).map((id) => hub.wake(id)))
      woken += answers.filter(Boolean).length
    }
    return woken
  } catch (error) {
    if (error instanceof RefitError && error.code === 'TEMPORAL_UNAVAILABLE') return null
    throw error
  }
}
