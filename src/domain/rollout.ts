import type { RolloutRules } from './policy'
import { changeBySomebody, otherTemplate } from './rollout-conflict'
import { completeWords, isComplete, notYetRun, progressWords, runFailed, wantedNew } from './rollout-kinds'
import { lastEnd, signsOf, type Sign } from './rollout-signs'
import type { WorkloadKind } from './service'
import { durationWords } from './text'

/** A Job of a CronJob. */
export interface RunObservation {
  name: string
  /** of the template as it is now */
  isNew: boolean
  /** epoch ms */
  createdAt: number
  state: 'running' | 'succeeded' | 'failed'
  /** why it failed; empty otherwise */
  reason: string
}

/** One pod of a workload, as far as a verdict needs it. Instants are epoch milliseconds. */
export interface PodObservation {
  name: string
  uid?: string
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
  /** absent: Deployment */
  kind?: WorkloadKind
  uid: string
  generation: number
  observedGeneration: number
  desired: number
  updated: number
  total: number
  available: number
  paused: boolean
  /** id of the upgrade that holds it (pausedByKey), if one does */
  pausedBy?: string
  /** somebody let go on what the watching upgrade holds; set by withoutOwnHold */
  lifted?: boolean
  conditions: { type: string; status: string; reason: string; message: string; since: number }[]
  /** the service's containers in the template now */
  containers: { name: string; init: boolean; image: string }[]
  /** of the revision that `isNew` means, where it is known; another one later is somebody's change */
  templateHash?: string
  /** ReplicaFailure of the new ReplicaSet (quota, admission) */
  replicaFailure?: { reason: string; message: string; since: number }
  /** pods that the rollout makes new, where a partition or `OnDelete` leaves others as they are; absent: all that are desired */
  wantedNew?: number
  /** the template is taken up, but only the next run of a CronJob, or the next pod with `OnDelete`, will use it */
  pending?: 'run' | 'pod'
  /** of a CronJob that is not suspended, epoch ms */
  nextRunAt?: number
  /** the newest Job of a CronJob */
  lastRun?: RunObservation
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

type Limits = Pick<RolloutRules, 'stallMs' | 'deadlineMs'>

interface Expected {
  containers: { name: string; init: boolean; image: string }[]
  digest: string | null
}

/** Memory of a watch that begins at `now` (epoch ms). */
export const newMemory = (now: number): RolloutMemory => ({
  startedAt: now,
  highWater: 0,
  highWaterAt: now,
  firstSeen: {},
})

/** One look with what is made of it, for the steps of the judgement. */
interface Look {
  seen: RolloutObservation
  /** pods that count, of the new revision and of older ones */
  fresh: PodObservation[]
  old: PodObservation[]
  /** whether Kubernetes has taken up the change */
  observed: boolean
  known: { restarts: Record<string, number>; firstSeen: Record<string, number> }
  signs: Sign[]
  memory: RolloutMemory
  rules: Limits
  now: number
}

/**
 * One look at a Deployment, judged in this order: somebody else's change, complete by kubectl's
 * rules, a failing sign whose grace is over, no further new pod ready for `stallMs`, `deadlineMs` since the patch. Only the
 * new revision counts; when the old pods fail in the same way the release is not to blame, and nobody can tell (law 7).
 */
export function judgeRollout(
  seen: RolloutObservation,
  expected: Expected,
  rules: Limits,
  before: RolloutMemory,
  now: number,
): { verdict: Verdict; memory: RolloutMemory } {
  const look = lookAt(seen, rules, before, now)
  const verdict =
    conflictOf(look, expected, before) ??
    notObserved(look) ??
    completed(look, expected) ??
    failing(look) ??
    byRun(look) ??
    tooSlow(look) ??
    progressing(look)
  return { verdict, memory: look.memory }
}

function lookAt(seen: RolloutObservation, rules: Limits, before: RolloutMemory, now: number): Look {
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
    ready: readyOf(fresh).length,
    templateHash: observed ? seen.templateHash : undefined,
  })
  return { seen, fresh, old, observed, known, signs, memory, rules, now }
}

const say = (kind: Verdict['kind'], reason: string, sentence: string): Verdict => ({ kind, reason, sentence })

/** Somebody else's change. */
function conflictOf({ seen, observed }: Look, { containers }: Expected, before: RolloutMemory): Verdict | undefined {
  const changed =
    changeBySomebody(seen, containers) ?? (observed ? otherTemplate(seen, before.templateHash) : undefined)
  return changed && say('conflict', changed.reason, changed.sentence)
}

function notObserved({ observed, memory, rules, now }: Look): Verdict | undefined {
  if (observed) return undefined
  if (now - memory.startedAt >= rules.deadlineMs)
    return say(
      'unknown',
      'controller-silent',
      `Kubernetes has not taken up the change for ${durationWords(rules.deadlineMs)}`,
    )
  return say('progressing', 'not-observed', 'waiting for Kubernetes to take up the change')
}

function completed({ seen, fresh }: Look, { digest: wanted }: Expected): Verdict | undefined {
  if (!isComplete(seen)) return undefined
  const other = fresh.find(({ digests }) => digests.some((digest) => wanted !== null && digest !== wanted))
  if (other) return say('unknown', 'other-digest', `${other.name} runs ${other.digests.join(', ')}, expected ${wanted}`)
  return say('healthy', 'complete', completeWords(seen))
}

/** A failing sign whose grace is over. */
function failing({ old, known, signs, memory, rules, now }: Look): Verdict | undefined {
  const sign = signs.find(
    ({ key, graceMs }) => now - (memory.firstSeen[key] ?? now) >= Math.min(graceMs, rules.stallMs),
  )
  if (!sign) return undefined
  const shared = signsOf(old, undefined, known).some(({ key }) => key === sign.key)
  if (shared) return say('unknown', 'environment', `the old pods fail in the same way: ${sign.sentence}`)
  return say('failed', sign.key, sign.sentence)
}

function tooSlow(look: Look): Verdict | undefined {
  const slow = slowness(look)
  if (!slow) return undefined
  if (look.old.length > 0 && readyOf(look.old).length === 0)
    return say('unknown', 'environment', `no old pod is ready either; ${slow.sentence}`)
  return say('failed', slow.key, `${slow.sentence}${whyNot(look)}`)
}

/** The run of a CronJob that the new template had since the change, or none yet; and what `OnDelete` leaves for later. */
function byRun({ seen, fresh, memory, rules, now }: Look): Verdict | undefined {
  const failure = runFailed(seen, memory.startedAt)
  if (failure !== undefined) return say('failed', 'run-failed', failure)
  const isLate = now - memory.startedAt >= rules.deadlineMs
  const later = notYetRun(seen, fresh, isLate)
  return later === undefined ? undefined : say('healthy', 'not-yet-run', later)
}

/** What is known of a new pod that is not ready, as an addition to a sentence. */
function whyNot({ fresh, signs: [sign] }: Look): string {
  const stopped = fresh.find(({ ready, terminated }) => !ready && terminated.length > 0)
  return sign ? `; ${sign.sentence}` : stopped ? lastEnd(stopped) : ''
}

const progressing = ({ seen, fresh, signs: [sign] }: Look): Verdict =>
  say('progressing', sign?.key ?? 'rolling', `${countWords(seen, fresh)}${sign ? `; ${sign.sentence}` : ''}`)

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

function slowness({ seen, fresh, memory, rules, now }: Look): { key: string; sentence: string } | undefined {
  const state = countWords(seen, fresh)
  if (seen.conditions.some(({ type, reason }) => type === 'Progressing' && reason === 'ProgressDeadlineExceeded'))
    return { key: 'deadline', sentence: `${state} at Kubernetes' own progress deadline` }
  if (now - memory.startedAt >= rules.deadlineMs)
    return { key: 'deadline', sentence: `${state} ${durationWords(rules.deadlineMs)} after the change` }
  // Measured from the highest count so far: readiness that comes and goes is no progress.
  const waiting = readyOf(fresh).length < wantedNew(seen)
  if (waiting && now - memory.highWaterAt >= rules.stallMs)
    return { key: 'stall', sentence: `${state}, no further one for ${durationWords(rules.stallMs)}` }
  return undefined
}

const countWords = (seen: RolloutObservation, fresh: PodObservation[]): string =>
  progressWords(seen, readyOf(fresh).length)

const readyOf = (pods: PodObservation[]): PodObservation[] => pods.filter(({ ready }) => ready)
