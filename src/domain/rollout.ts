import type { RolloutRules } from './policy'
import { changeBySomebody, otherTemplate } from './rollout-conflict'
import { mayComeFromOutside, noneReady } from './rollout-environment'
import { gracesOf } from './rollout-graces'
import { completeWords, isComplete, notYetRun, runFailed } from './rollout-kinds'
import { remember, restartsBefore } from './rollout-memory'
import { capacitySign, flapSign, fullOf, readinessOf, type Loss } from './rollout-readiness'
import { countWords, readyOf, slowness } from './rollout-slowness'
import type { PodObservation, RolloutObservation } from './rollout-observation'
import { bySurety, type Circumstances, lastEnd, type Sign, signsOf } from './rollout-signs'
import { durationWords } from './text'

/** What a watch remembers between two looks; plain JSON, kept in heartbeat details so that a new attempt goes on from it. */
export interface RolloutMemory {
  startedAt: number
  highWater: number
  highWaterAt: number
  /** when a failing sign was first seen, by sign */
  firstSeen: Record<string, number>
  /** restarts that pods already had at the first look: a rollback may wake pods with a history */
  restarts?: Record<string, number>
  /** pods that were ready at the last look */
  ready?: string[]
  losses?: Loss[]
  /** the desired count when there were last enough pods */
  full?: number
  /** a pod left while this was watched; controllers back off before they use its room */
  makesRoom?: boolean
  templateHash?: string
}

export interface Verdict {
  kind: 'progressing' | 'healthy' | 'failed' | 'unknown' | 'conflict'
  /** machine word, e.g. crash-loop, image-pull, stall, deadline */
  reason: string
  /** for a person */
  sentence: string
  /** when the sign that decided was first seen, epoch ms */
  since?: number
}

export type Limits = Pick<RolloutRules, 'stallMs' | 'deadlineMs'> &
  Partial<Pick<RolloutRules, 'graces' | 'maxUnavailable'>>

interface Expected {
  containers: { name: string; init: boolean; image: string }[]
  digest: string | null
}

/** One look with what is made of it, for the steps of the judgement. */
export interface Look {
  seen: RolloutObservation
  /** pods that count, of the new revision and of older ones */
  fresh: PodObservation[]
  old: PodObservation[]
  /** whether Kubernetes has taken up the change */
  observed: boolean
  known: Circumstances
  signs: Sign[]
  memory: RolloutMemory
  rules: Limits
  now: number
}

export { newMemory } from './rollout-memory'
export type { PodObservation, RolloutObservation, RunObservation } from './rollout-observation'

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
  const restarts = restartsBefore(before, pods)
  const graceOf = gracesOf(rules)
  const makesRoom = before.makesRoom === true || seen.pods.some(({ deleting }) => deleting)
  const known = { restarts, firstSeen: before.firstSeen, graceOf, makesRoom }
  const { ready, losses } = readinessOf(pods, before, now)
  const counts = { ...seen, maxUnavailable: rules.maxUnavailable ?? 0, full: before.full }
  const ofAll = [flapSign(losses), capacitySign(pods, losses, counts, graceOf('capacity'))]
  const signs = observed
    ? bySurety([...signsOf(fresh, seen.replicaFailure, known), ...ofAll.filter((sign) => sign !== undefined)])
    : []
  const memory = remember(
    before,
    {
      restarts,
      signs,
      ready,
      losses,
      full: fullOf(counts),
      ...(makesRoom ? { makesRoom } : {}),
      count: readyOf(fresh).length,
      templateHash: observed ? seen.templateHash : undefined,
    },
    now,
  )
  return { seen, fresh, old, observed, known, signs, memory, rules, now }
}

const say = (kind: Verdict['kind'], reason: string, sentence: string, since?: number): Verdict => ({
  kind,
  reason,
  sentence,
  ...(since === undefined ? {} : { since }),
})

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
function failing(look: Look): Verdict | undefined {
  const { signs, memory, now } = look
  const sign = signs.find(({ key, graceMs }) => now - (memory.firstSeen[key] ?? now) >= graceMs)
  if (!sign) return undefined
  const since = memory.firstSeen[sign.key]
  const words = environmentWords(look, sign)
  if (words !== undefined) return say('unknown', 'environment', `${words}: ${sign.sentence}`, since)
  return say('failed', sign.key, sign.sentence, since)
}

/** Why the release is not to blame for a sign; undefined when it is. */
function environmentWords({ old, known, memory }: Look, { key }: Sign): string | undefined {
  if (signsOf(old, undefined, known).some((each) => each.key === key)) return 'the old pods fail in the same way'
  if (!mayComeFromOutside(key)) return undefined
  if (noneReady(old)) return 'no old pod is ready either'
  const oldLost = key === 'flapping' && memory.losses?.some(({ isNew }) => !isNew)
  return oldLost ? 'the old pods lose their readiness, too' : undefined
}

function tooSlow(look: Look): Verdict | undefined {
  const slow = slowness(look)
  if (!slow) return undefined
  if (noneReady(look.old))
    return say('unknown', 'environment', `no old pod is ready either; ${slow.sentence}`, slow.since)
  return say('failed', slow.key, `${slow.sentence}${whyNot(look)}`, slow.since)
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
