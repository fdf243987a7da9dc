import { setTimeout as sleep } from 'node:timers/promises'
import type { LoadProcess } from '../../demo/load'
import { createKubernetes } from '../../src/clients/kubernetes'
import type { RolloutObservation } from '../../src/domain/rollout'
import type { UpgradeEvent, UpgradeRow } from '../../src/store/contracts'
import { type BenchHub, benchRelease, namespace } from '../hub'
import { rounded } from '../median'
import type { Failure } from './list'

/** Seconds; null where there is nothing to measure. */
export interface Measured {
  failure: string
  outcome: UpgradeRow['outcome']
  /** from the patch to the first fatal sign */
  signSeconds: number | null
  /** from the first fatal sign to the verdict */
  verdictSeconds: number | null
  /** from the verdict until the old image is in the template and has as many ready pods as are wanted */
  restoredSeconds: number | null
  sent: number
  failed: number
  /** payments due later than 2 s after the old pods were ready again */
  failedLater: number
  message: string
}

export interface Instruments {
  hub: BenchHub
  load: LoadProcess
}

const service = 'ledger'
const everyMs = 100
const withinMs = 240_000

/** One failure, from its publication until the hub is as before. */
export async function measureFailure({ hub, load }: Instruments, failure: Failure, tag: string): Promise<Measured> {
  const workload = {
    kind: 'Deployment' as const,
    name: service,
    uid: await hub.kubectl('get', `deployment/${service}`, '-o', 'jsonpath={.metadata.uid}'),
  }
  const kubernetes = createKubernetes({ kubeconfig: hub.stack.kubernetes.kubeconfig })
  const observe = () => kubernetes.observeRollout(namespace, workload)
  const after = await failure.before?.(hub)
  try {
    const image = imageOf(await observe())
    const waiting = await hub.offered(benchRelease(service, tag, failure.behaviour))
    load.label(failure.name)
    await hub.approve(waiting)
    const sign = await watch(failure, hub, waiting, observe, async (seen) =>
      failure.behaviour === 'sick-during-bake' ? sickPods(kubernetes, seen) : [],
    )
    const row = await hub.ended(waiting)
    const events = await hub.store.upgrades.events(waiting.id)
    const restoredAt = failure.outcome === 'rolled-back' ? await restored(observe, image, sign.seen) : undefined
    await sleep(2_000)
    load.label(`${failure.name}, later`)
    await sleep(5_000)
    load.label(undefined)
    await sleep(2_000)
    return figures({ failure, row, events, signAt: sign.at, restoredAt, load })
  } finally {
    await after?.()
    await kubernetes.close()
  }
}

/** Looks until the upgrade has ended: when the first fatal sign was seen, and each look. */
async function watch(
  failure: Failure,
  hub: BenchHub,
  { id }: UpgradeRow,
  observe: () => Promise<RolloutObservation>,
  sick: (seen: RolloutObservation) => Promise<string[]>,
) {
  const seen: { at: number; look: RolloutObservation }[] = []
  let at: number | undefined
  let begun = false
  const before = imageOf(await observe())
  for (const deadline = Date.now() + withinMs; Date.now() < deadline; await sleep(everyMs)) {
    const look = await observe()
    seen.push({ at: Date.now(), look })
    const rolls = imageOf(look) !== before
    if (rolls && !begun && look.pods.some(({ isNew }) => isNew)) {
      begun = true
      await failure.during?.(hub)
    }
    if (rolls && at === undefined && failure.fatal(look, await sick(look))) at = Date.now()
    if ((await hub.store.upgrades.read(id))?.outcome) return { at, seen }
  }
  throw new Error(`${failure.name}: the upgrade did not end within ${withinMs / 1000} s`)
}

/** When the old image had all its pods ready again, at the earliest look after the last one with another image. */
async function restored(
  observe: () => Promise<RolloutObservation>,
  image: string,
  seen: { at: number; look: RolloutObservation }[],
): Promise<number> {
  const isBack = (look: RolloutObservation): boolean =>
    imageOf(look) === image && look.pods.filter((pod) => pod.isNew && pod.ready && !pod.deleting).length >= look.desired
  const lastOther = seen.findLastIndex(({ look }) => !isBack(look))
  const back = seen[lastOther + 1]
  if (back) return back.at
  for (const deadline = Date.now() + withinMs; Date.now() < deadline; await sleep(everyMs))
    if (isBack(await observe())) return Date.now()
  throw new Error('the old image did not come back')
}

async function sickPods(kubernetes: ReturnType<typeof createKubernetes>, { pods }: RolloutObservation) {
  const asked = pods.filter(({ isNew, ready, deleting }) => isNew && ready && !deleting)
  const answers = await Promise.all(
    asked.map(({ name }) => kubernetes.podGet(namespace, name, 3001, '/health', 2_000).catch(() => undefined)),
  )
  return asked.filter((_, index) => answers[index]?.status === 502).map(({ name }) => name)
}

function figures(of: {
  failure: Failure
  row: UpgradeRow
  events: UpgradeEvent[]
  signAt: number | undefined
  restoredAt: number | undefined
  load: LoadProcess
}): Measured {
  const { failure, row, events, signAt, restoredAt, load } = of
  const patchedAt = events.find(({ kind }) => kind === 'patched')?.at.getTime()
  const undoneAt = events.find(({ kind, phase }) => kind === 'entered' && phase === 'rollback')?.at.getTime()
  const verdictAt = undoneAt ?? (row.outcome === 'succeeded' ? undefined : row.endedAt?.getTime())
  const label = (name: string) => load.last?.labelled[name]
  const between = (from: number | undefined, to: number | undefined): number | null =>
    from === undefined || to === undefined ? null : rounded((to - from) / 1000)
  return {
    failure: failure.name,
    outcome: row.outcome,
    signSeconds: between(patchedAt, signAt),
    verdictSeconds: between(signAt, verdictAt),
    restoredSeconds: between(verdictAt, restoredAt && verdictAt ? Math.max(restoredAt, verdictAt) : undefined),
    sent: label(failure.name)?.sent ?? 0,
    failed: label(failure.name)?.failed ?? 0,
    failedLater: label(`${failure.name}, later`)?.failed ?? 0,
    message: row.message ?? '',
  }
}

const imageOf = ({ containers }: RolloutObservation): string =>
  containers.find(({ init, name }) => !init && name === service)?.image ?? ''
