import type { RolloutRules } from './policy'
import { podName, lastEnd, signsOf, type Sign } from './rollout-signs'
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

export type RolloutJudge = (
  seen: RolloutObservation,
  expected: { containers: { name: string; init: boolean; image: string }[]; digest: string | null },
  rules: Pick<RolloutRules, 'stallMs' | 'deadlineMs'>,
  memory: RolloutMemory,
  now: number,
) => { verdict: Verdict; memory: RolloutMemory }

/** Memory of a watch that begins at `now` (epoch ms). */
export const newMemory = (now: number): RolloutMemory => ({ startedAt: now, highWater: 0, highWaterAt: now, firstSeen: {} })

/**
 * One look at a Deployment, judged by facts/rollout.md §3.1 in this order: somebody else's change, complete by kubectl's
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
  const memory = remember(before, { now, restarts, signs, ready: fresh.filter(({ ready }) => ready).length, templateHash: observed ? seen.templateHash : undefined })
  const say = (kind: Verdict['kind'], reason: string, sentence: string) => ({ verdict: { kind, reason, sentence }, memory })

  const changed = changeBySomebody(seen, expected.containers) ?? otherTemplate(seen, before, observed)
  if (changed) return say('conflict', changed.reason, changed.sentence)
  const late = now - memory.startedAt >= rules.deadlineMs
  if (!observed) {
    if (late) return say('unknown', 'controller-silent', `Kubernetes has not taken up the change for ${durationWords(rules.deadlineMs)}`)
    return say('progressing', 'not-observed', 'waiting for Kubernetes to take up the change')
  }
  if (isComplete(seen)) {
    const other = fresh.find(({ digests }) => digests.some((digest) => expected.digest !== null && digest !== expected.digest))
    if (other) return say('unknown', 'other-digest', `${other.name} runs ${other.digests.join(', ')}, expected ${expected.digest}`)
    return say('healthy', 'complete', seen.desired === 0 ? 'no pods are wanted' : `${seen.available} of ${seen.desired} new pods available`)
  }

  const failing = signs.find((sign) => now - (memory.firstSeen[sign.key] ?? now) >= Math.min(sign.graceMs, rules.stallMs))
  if (failing) {
    const shared = signsOf(old, undefined, known).some(({ key }) => key === failing.key)
    if (shared) return say('unknown', 'environment', `the old pods fail in the same way: ${failing.sentence}`)
    return say('failed', failing.key, failing.sentence)
  }
  const slow = slowness(seen, memory, rules, now, fresh)
  if (slow && old.length > 0 && old.every(({ ready }) => !ready)) return say('unknown', 'environment', `no old pod is ready either; ${slow.sentence}`)
  if (slow) return say('failed', slow.key, slow.sentence)
  return say('progressing', signs[0]?.key ?? 'rolling', `${countWords(seen, fresh)}${signs[0] ? `; ${signs[0].sentence}` : ''}`)
}

function remember(
  before: RolloutMemory,
  { now, restarts, signs, ready, templateHash }: { now: number; restarts: Record<string, number>; signs: Sign[]; ready: number; templateHash: string | undefined },
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

function changeBySomebody(seen: RolloutObservation, expected: { name: string; init: boolean; image: string }[]): { reason: string; sentence: string } | undefined {
  if (seen.paused) return { reason: 'paused', sentence: 'somebody paused the Deployment' }
  for (const { name, init, image } of expected) {
    const now = seen.containers.find((each) => each.name === name && each.init === init)?.image
    if (now !== image) return { reason: 'changed-by-somebody', sentence: `${name} was set to ${now ?? 'another repository'} by somebody else, expected ${image}` }
  }
  return undefined
}

function otherTemplate(seen: RolloutObservation, { templateHash }: RolloutMemory, observed: boolean): { reason: string; sentence: string } | undefined {
  if (!observed || templateHash === undefined || seen.templateHash === undefined || seen.templateHash === templateHash) return undefined
  return { reason: 'changed-by-somebody', sentence: 'the pod template was changed by somebody else' }
}

/** What `kubectl rollout status` waits for. */
const isComplete = ({ desired, updated, total, available }: RolloutObservation): boolean =>
  updated >= desired && total <= updated && available >= updated

function slowness(seen: RolloutObservation, memory: RolloutMemory, rules: Pick<RolloutRules, 'stallMs' | 'deadlineMs'>, now: number, fresh: PodObservation[]) {
  const state = countWords(seen, fresh)
  if (seen.conditions.some(({ type, reason }) => type === 'Progressing' && reason === 'ProgressDeadlineExceeded'))
    return { key: 'deadline', sentence: `${state} at Kubernetes' own progress deadline` }
  if (now - memory.startedAt >= rules.deadlineMs) return { key: 'deadline', sentence: `${state} ${durationWords(rules.deadlineMs)} after the change` }
  // Measured from the highest count so far: readiness that comes and goes is no progress.
  const waiting = fresh.filter(({ ready }) => ready).length < seen.desired
  if (waiting && now - memory.highWaterAt >= rules.stallMs) return { key: 'stall', sentence: `${state}, no further one for ${durationWords(rules.stallMs)}` }
  return undefined
}

const countWords = ({ desired }: RolloutObservation, fresh: PodObservation[]): string => `${fresh.filter(({ ready }) => ready).length} of ${desired} new pods ready`

/** What a bake remembers of each new pod; plain JSON, kept in heartbeat details. */
export interface BakeMemory {
  pods: Record<string, { restarts: number; wasReady: boolean }>
  templateHash?: string
}

/** Pods that are there when the bake begins were found ready by the rollout, so an unready one among them has lost it. */
export function newBakeMemory(seen: RolloutObservation): BakeMemory {
  const pods = living(seen).map(({ name, restarts }) => [name, { restarts, wasReady: true }] as const)
  return { pods: Object.fromEntries(pods), ...(seen.templateHash === undefined ? {} : { templateHash: seen.templateHash }) }
}

/**
 * One look during the bake (rule 14): a new pod that restarts or loses readiness is a failure; a pod that is deleted or
 * evicted and replaced, or added by scaling, is none. Never says `healthy`: the caller knows when the time is over.
 */
export function judgeBake(
  seen: RolloutObservation,
  expected: { containers: { name: string; init: boolean; image: string }[] },
  before: BakeMemory,
  _now: number,
): { verdict: Verdict; memory: BakeMemory } {
  const pods = living(seen)
  const memory: BakeMemory = {
    ...before,
    pods: Object.fromEntries(
      pods.map(({ name, ready }) => {
        const known = before.pods[name] ?? { restarts: 0, wasReady: false }
        return [name, { restarts: known.restarts, wasReady: known.wasReady || ready }]
      }),
    ),
  }
  const say = (kind: Verdict['kind'], reason: string, sentence: string) => ({ verdict: { kind, reason, sentence }, memory })
  const changed = changeBySomebody(seen, expected.containers) ?? otherTemplate(seen, { ...newMemory(0), templateHash: before.templateHash }, true)
  if (changed) return say('conflict', changed.reason, changed.sentence)
  const restarted = pods.find(({ name, restarts }) => restarts > (memory.pods[name]?.restarts ?? 0))
  if (restarted) return say('failed', 'restarted', `${podName(restarted)} restarted during the bake${lastEnd(restarted)}`)
  const lost = pods.find(({ name, ready }) => !ready && memory.pods[name]?.wasReady)
  if (lost) return say('failed', 'readiness-lost', `${podName(lost)} lost its readiness during the bake`)
  return say('progressing', 'baking', `${pods.filter(({ ready }) => ready).length} of ${seen.desired} new pods ready`)
}

const living = ({ pods }: RolloutObservation): PodObservation[] =>
  pods.filter(({ isNew, deleting, phase }) => isNew && !deleting && phase !== 'Failed' && phase !== 'Succeeded')
