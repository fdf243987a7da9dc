/**
 * All pods are new and crash in the bake: time from the first restart until `kubectl rollout status` is done on the old
 * template, by Refit and by a watcher that runs `kubectl rollout undo` at that restart, turn by turn on a real node. Beside
 * it, for failures that show earlier: from the patch to the verdict, and from the verdict until the last new pod has gone.
 * Last line: JSON, medians of five.
 */
import type { Behaviour } from '../examples/hub/releases'
import type { RolloutObservation } from '../src/domain/rollout'
import { type BenchHub, benchRelease, runBench, withHub } from './hub'
import { median, rounded } from './median'
import { isSettled, watcherOf } from './watch-pods'

const rounds = 5
const service = 'settlement'
const deployment = `deployment/${service}`
const others: Behaviour[] = ['never-ready', 'crash-loop', 'missing-image', 'sick-during-bake']
/** Of what never gets ready: nothing else tells that it won't. */
const stallSeconds = 30

const policies = `  - name: settlement
    select: { namespaces: [hub], images: ['*/hub/settlement'] }
    mode: approve
    approval: { required: 1, unverified: accept }
    rollout: { bake: 60s, stall: ${stallSeconds}s, deadline: 5m }
    health: [{ http: /health, port: 3001, expect: { status: OK, version: $.versionNumber } }]
`

type Watcher = Awaited<ReturnType<typeof watcherOf>>

async function measure(hub: BenchHub) {
  await hub.kubectl('scale', deployment, '--replicas=3')
  await hub.kubectl('rollout', 'status', deployment)
  const watcher = await watcherOf(hub, service)
  let bugfix = 0
  const next = (behaviour: Behaviour) => benchRelease(service, `v1.0.${++bugfix}`, behaviour)
  try {
    const refitSeconds: number[] = []
    const kubectlSeconds: number[] = []
    for (let round = 1; round <= rounds; round += 1) {
      const release = next('crash-during-bake')
      refitSeconds.push(await byRefit(hub, watcher, release))
      kubectlSeconds.push(await byKubectl(hub, watcher, release))
      process.stderr.write(`round ${round}: refit ${refitSeconds.at(-1)} s, kubectl ${kubectlSeconds.at(-1)} s\n`)
    }
    const failures: Record<string, { verdictSeconds: number; goneSeconds: number; message: string }> = {}
    for (const behaviour of others) {
      failures[behaviour] = await failureOf(hub, watcher, next(behaviour))
      process.stderr.write(`${behaviour}: ${JSON.stringify(failures[behaviour])}\n`)
    }
    const [refitMedian, kubectlMedian] = [median(refitSeconds), median(kubectlSeconds)]
    const ratio = rounded(refitMedian / kubectlMedian)
    return {
      bench: 'rollback',
      ratio,
      refitMedian,
      kubectlMedian,
      refitSeconds,
      kubectlSeconds,
      stallSeconds,
      failures,
    }
  } finally {
    await watcher.close()
  }
}

type Release = ReturnType<typeof benchRelease>

/** Seconds from the first restart until the old template is rolled out again. */
async function byRefit(hub: BenchHub, watcher: Watcher, release: Release): Promise<number> {
  const before = await templateImage(hub)
  const waiting = await hub.offered(release)
  await hub.approve(waiting)
  const restartedAt = await watcher.since('restarts', hasRestarted)
  await watcher.since('has its old image', runs(before))
  await hub.kubectl('rollout', 'status', deployment)
  const seconds = since(restartedAt)
  const { outcome, message } = await hub.ended(waiting)
  if (outcome !== 'rolled-back') throw new Error(`the upgrade ended ${outcome}: ${message}`)
  await watcher.since('is settled', isSettled)
  return seconds
}

async function byKubectl(hub: BenchHub, watcher: Watcher, release: Release): Promise<number> {
  await hub.kubectl('set', 'image', deployment, `${service}=${hub.image(release)}`)
  await hub.kubectl('rollout', 'status', deployment)
  const restartedAt = await watcher.since('restarts', hasRestarted)
  await hub.kubectl('rollout', 'undo', deployment)
  await hub.kubectl('rollout', 'status', deployment)
  const seconds = since(restartedAt)
  await watcher.since('is settled', isSettled)
  return seconds
}

/** Seconds from the patch to the verdict, and from there until the last new pod has gone. */
async function failureOf(hub: BenchHub, watcher: Watcher, release: Release) {
  const before = await templateImage(hub)
  const waiting = await hub.offered(release)
  await hub.approve(waiting)
  await watcher.since('has another image', (seen) => !runs(before)(seen))
  await watcher.since('has its old image', runs(before))
  const goneAt = await watcher.since('is settled', isSettled)
  const { outcome, message } = await hub.ended(waiting)
  if (outcome !== 'rolled-back') throw new Error(`${release.behaviour} ended ${outcome}: ${message}`)
  const events = await hub.store.upgrades.events(waiting.id)
  const at = (isIt: (event: (typeof events)[number]) => boolean): number => events.find(isIt)?.at.getTime() ?? NaN
  const patchedAt = at(({ kind }) => kind === 'patched')
  const verdictAt = at(({ kind, phase }) => kind === 'entered' && phase === 'rollback')
  return {
    verdictSeconds: rounded((verdictAt - patchedAt) / 1000),
    goneSeconds: rounded((goneAt - verdictAt) / 1000),
    message,
  }
}

const runs =
  (wanted: string) =>
  ({ containers }: RolloutObservation): boolean =>
    containers.some(({ image }) => image === wanted)

const hasRestarted = ({ pods }: RolloutObservation): boolean =>
  pods.some(({ isNew, restarts, terminated }) => isNew && (restarts > 0 || terminated.length > 0))

const templateImage = ({ kubectl }: BenchHub): Promise<string> =>
  kubectl('get', deployment, '-o', 'jsonpath={.spec.template.spec.containers[0].image}')

const since = (at: number): number => rounded((Date.now() - at) / 1000)

// The pods crash when all are new: the third gets ready some ten seconds after the first.
runBench(() => withHub({ name: 'bench-rollback', policies, environment: { CRASH_AFTER_SECONDS: '20' } }, measure))
