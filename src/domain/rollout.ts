import type { RolloutRules } from './policy'
import { changeBySomebody, otherTemplate } from './rollout-conflict'
import { signsOf, type Sign } from './rollout-signs'
import { durationWords } from './text'

/** One pod of a workload, as far as a verdict needs it. Instants are epoch milliseconds. */
export interface PodObservation {
  name: string
  /** of the revision that the rollout brings, by pod-template-hash */
  isNew: boolean
  phase: string
  ready: boolean
  deleting: boolean
  createdAt: number
  /** highest restart count of any container, init containers and sidecars included */
  restarts: number
  waiting: { container: string; init: boolean; reason: string; message: string }[]
  terminated: { container: string; init: boolean; reason: string; exitCode: number }[]
  unschedulable?: { since: number; message: string }
  /** digests that the service's application containers really run */
  digests: string[]
}

export interface RolloutObservation {
  uid: string
  generation: number
  observedGeneration: number
  desired: number
  updated: number
  total: number
  available: number
  paused: boolean
  conditions: { type: string; status: string; reason: string; message: string; since: number }[]
  /** the service's containers in the template now */
  containers: { name: string; init: boolean; image: string }[]
  /** of the revision that `isNew` means, where it is known; another one later is somebody's change */
  templateHash?: string
  /** ReplicaFailure of the new ReplicaSet (quota, admission) */
  replicaFailure?: { reason: string; message: string; since: number }
  pods: PodObservation[]
}

/** What a watch remembers between two looks; plain JSON, kept in heartbeat details so that a new attempt goes on from it. */
export interface RolloutMemory {
  startedAt: number
  highWater: number
  highWaterAt: number
  /** when a failing sign was first seen, by sign */
  firstSeen: Record<string, number>
  /** restarts that pods already had at the first look: a rollback may wake pods with a history */
  restarts?: Record<string, number>
  templateHash?: string
}

export interface Verdict {
  kind: 'progressing' | 'healthy' | 'failed' | 'unknown' | 'conflict'
  /** machine word, e.g. crash-loop, image-pull, stall, deadline */
  reason: string
  /** for a person */
  sentence: string
}

export { judgeBake, newBakeMemory, type BakeMemory } from './bake'

export type RolloutJudge = (
  seen: RolloutObservation,
  expected: { containers: { name: string; init: boolean; image: string }[]; digest: string | null },
  rules: Pick<RolloutRules, 'stallMs' | 'deadlineMs'>,
  memory: RolloutMemory,
  now: number,
) => { verdict: Verdict; memory: RolloutMemory }

/** Memory of a watch that begins at `now` (epoch ms). */
export const newMemory = (now: number): RolloutMemory => ({
  startedAt: now,
  highWater: 0,
  highWaterAt: now,
  firstSeen: {},
})

/**
 * One look at a Deployment, judged in this order: somebody else's change, complete by kubectl's
 * rules, a failing sign whose grace is over, no further new pod ready for `stallMs`, `deadlineMs` since the patch. Only the
 * new revision counts; when the old pods fail in the same way the release is not to blame, and nobody can tell (law 7).
 */
export const judgeRollout: RolloutJudge = (seen, expected, rules, before, now) => {
  const pods = seen.pods.filter((pod) => !pod.deleting && pod.phase !== 'Failed' && pod.phase !== 'Succeeded')
  const [fresh, old] = [pods.filter(({ isNew }) => isNew), pods.filter(({ isNew }) => !isNew)]
  const observed = seen.observedGeneration >= seen.generation
  const restarts = before.restarts ?? Object.fromEntries(pods.map(({ name, restarts }) => [name, restarts]))
  const known = { restarts, firstSeen: before.firstSeen }
  const signs = observed ? signsOf(fresh, seen.replicaFailure, known) : []
  const memory = remember(before, {
    now,
    restarts,
    signs,
    ready: fresh.filter(({ ready }) => ready).length,
    templateHash: observed ? seen.templateHash : undefined,
  })
  const say = (kind: Verdict['kind'], reason: string, sentence: string) => ({
    verdict: { kind, reason, sentence },
    memory,
  })

  const changed =
    changeBySomebody(seen, expected.containers) ?? (observed ? otherTemplate(seen, before.templateHash) : undefined)
  if (changed) return say('conflict', changed.reason, changed.sentence)
  const late = now - memory.startedAt >= rules.deadlineMs
  if (!observed) {
    if (late)
      return say(
        'unknown',
        'controller-silent',
        `Kubernetes has not taken up the change for ${durationWords(rules.deadlineMs)}`,
      )
    return say('progressing', 'not-observed', 'waiting for Kubernetes to take up the change')
  }
  if (isComplete(seen)) {
    const other = fresh.find(({ digests }) =>
      digests.some((digest) => expected.digest !== null && digest !== expected.digest),
    )
    if (other)
      return say(
        'unknown',
        'other-digest',
        `${other.name} runs ${other.digests.join(', ')}, expected ${expected.digest}`,
      )
    return say(
      'healthy',
      'complete',
      seen.desired === 0 ? 'no pods are wanted' : `${seen.available} of ${seen.desired} new pods available`,
    )
  }

  const failing = signs.find(
    (sign) => now - (memory.firstSeen[sign.key] ?? now) >= Math.min(sign.graceMs, rules.stallMs),
  )
  if (failing) {
    const shared = signsOf(old, undefined, known).some(({ key }) => key === failing.key)
    if (shared) return say('unknown', 'environment', `the old pods fail in the same way: ${failing.sentence}`)
    return say('failed', failing.key, failing.sentence)
  }
  const slow = slowness(seen, memory, rules, now, fresh)
  if (slow && old.length > 0 && old.every(({ ready }) => !ready))
    return say('unknown', 'environment', `no old pod is ready either; ${slow.sentence}`)
  if (slow) return say('failed', slow.key, slow.sentence)
  return say(
    'progressing',
    signs[0]?.key ?? 'rolling',
    `${countWords(seen, fresh)}${signs[0] ? `; ${signs[0].sentence}` : ''}`,
  )
}

function remember(
  before: RolloutMemory,
  {
    now,
    restarts,
    signs,
    ready,
    templateHash,
  }: { now: number; restarts: Record<string, number>; signs: Sign[]; ready: number; templateHash: string | undefined },
): RolloutMemory {
  const rises = ready > before.highWater
  const hash = before.templateHash ?? templateHash
  return {
    startedAt: before.startedAt,
    highWater: rises ? ready : before.highWater,
    highWaterAt: rises ? now : before.highWaterAt,
    firstSeen: Object.fromEntries(signs.map(({ key }) => [key, before.firstSeen[key] ?? now])),
    restarts,
    ...(hash === undefined ? {} : { templateHash: hash }),
  }
}

/** What `kubectl rollout status` waits for. */
const isComplete = ({ desired, updated, total, available }: RolloutObservation): boolean =>
  updated >= desired && total <= updated && available >= updated

function slowness(
  seen: RolloutObservation,
  memory: RolloutMemory,
  rules: Pick<RolloutRules, 'stallMs' | 'deadlineMs'>,
  now: number,
  fresh: PodObservation[],
) {
  const state = countWords(seen, fresh)
  if (seen.conditions.some(({ type, reason }) => type === 'Progressing' && reason === 'ProgressDeadlineExceeded'))
    return { key: 'deadline', sentence: `${state} at Kubernetes' own progress deadline` }
  if (now - memory.startedAt >= rules.deadlineMs)
    return { key: 'deadline', sentence: `${state} ${durationWords(rules.deadlineMs)} after the change` }
  // Measured from the highest count so far: readiness that comes and goes is no progress.
  const waiting = fresh.filter(({ ready }) => ready).length < seen.desired
  if (waiting && now - memory.highWaterAt >= rules.stallMs)
    return { key: 'stall', sentence: `${state}, no further one for ${durationWords(rules.stallMs)}` }
  return undefined
}

const countWords = ({ desired }: RolloutObservation, fresh: PodObservation[]): string =>
  `${fresh.filter(({ ready }) => ready).length} of ${desired} new pods ready`
