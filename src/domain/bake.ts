import type { PodObservation, RolloutObservation, Verdict } from './rollout'
import { changeBySomebody, otherTemplate } from './rollout-conflict'
import { progressWords, runFailed } from './rollout-kinds'
import { lastEnd, podKey, podName } from './rollout-signs'

/** What a bake remembers of each new pod; plain JSON, kept in heartbeat details. */
export interface BakeMemory {
  /** `unready`: looks in a row at which it had lost its readiness; `losses`: how often it did */
  pods: Record<string, { restarts: number; wasReady: boolean; unready?: number; losses?: number }>
  /** the newest run of a CronJob when the bake began: it says nothing of the bake */
  lastRun?: string
  templateHash?: string
}

/** One look may fall into a gap; the second one doesn't. */
const unreadyLooks = 2
/** Back in between, and gone again. */
const lossesOfOne = 2

/** Pods that are there when the bake begins were found ready by the rollout, so an unready one among them has lost it. */
export function newBakeMemory(seen: RolloutObservation): BakeMemory {
  const pods = living(seen).map((pod) => [podKey(pod), { restarts: pod.restarts, wasReady: true }] as const)
  return {
    ...(seen.lastRun ? { lastRun: seen.lastRun.name } : {}),
    pods: Object.fromEntries(pods),
    ...(seen.templateHash === undefined ? {} : { templateHash: seen.templateHash }),
  }
}

/**
 * One look during the bake (rule 14): a new pod that restarts is a failure, and one that is not ready at two looks in a
 * row or loses its readiness twice; a pod that is deleted or evicted and replaced, or added by scaling, is none. Pods of a
 * CronJob end; what counts there is a run that began since. Never says `healthy`: the caller knows when the time is over.
 */
export function judgeBake(
  seen: RolloutObservation,
  expected: { containers: { name: string; init: boolean; image: string }[] },
  before: BakeMemory,
): { verdict: Verdict; memory: BakeMemory } {
  const pods = living(seen)
  const memory: BakeMemory = {
    ...before,
    pods: Object.fromEntries(
      pods.map((pod) => {
        const { name, ready } = pod
        // A heartbeat of an earlier build has names.
        const known = before.pods[podKey(pod)] ?? before.pods[name] ?? { restarts: 0, wasReady: false }
        return [podKey(pod), { ...known, wasReady: known.wasReady || ready, ...readiness(known, ready) }]
      }),
    ),
  }
  const say = (kind: Verdict['kind'], reason: string, sentence: string) => ({
    verdict: { kind, reason, sentence },
    memory,
  })
  const changed = changeBySomebody(seen, expected.containers) ?? otherTemplate(seen, before.templateHash)
  if (changed) return say('conflict', changed.reason, changed.sentence)
  if (seen.kind === 'CronJob') {
    const failure = seen.lastRun?.name === before.lastRun ? undefined : runFailed(seen, 0)
    return failure === undefined
      ? say('progressing', 'baking', progressWords(seen, 0))
      : say('failed', 'run-failed', failure)
  }
  const restarted = pods.find((pod) => pod.restarts > (memory.pods[podKey(pod)]?.restarts ?? 0))
  if (restarted)
    return say('failed', 'restarted', `${podName(restarted)} restarted during the bake${lastEnd(restarted)}`)
  const lost = pods.find((pod) => {
    const { unready = 0, losses = 0 } = memory.pods[podKey(pod)] ?? {}
    return unready >= unreadyLooks || losses >= lossesOfOne
  })
  if (lost) return say('failed', 'readiness-lost', `${podName(lost)} lost its readiness during the bake`)
  const ready = pods.filter((pod) => pod.ready).length
  return say('progressing', 'baking', progressWords(seen, ready))
}

/** Counts of what a pod lost; nothing of one that is fine. */
function readiness({ wasReady, unready = 0, losses = 0 }: BakeMemory['pods'][string], ready: boolean) {
  if (ready) return { unready: 0, ...(losses > 0 ? { losses } : {}) }
  return wasReady ? { unready: unready + 1, losses: unready === 0 ? losses + 1 : losses } : {}
}

const living = ({ pods }: RolloutObservation): PodObservation[] =>
  pods.filter(({ isNew, deleting, phase }) => isNew && !deleting && phase !== 'Failed' && phase !== 'Succeeded')
