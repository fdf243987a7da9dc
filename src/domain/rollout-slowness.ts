import type { Look, PodObservation, RolloutObservation } from './rollout'
import { progressWords, wantedNew } from './rollout-kinds'
import { durationWords } from './text'

interface Slowness {
  key: 'deadline' | 'stall'
  sentence: string
  /** the last progress, epoch ms */
  since: number
}

/** Kubernetes' own deadline, `deadlineMs` since the patch, or no further new pod ready for `stallMs`. */
export function slowness(look: Look): Slowness | undefined {
  const { seen, fresh, memory, rules, now } = look
  const state = countWords(seen, fresh)
  const since = memory.highWaterAt
  if (seen.conditions.some(({ type, reason }) => type === 'Progressing' && reason === 'ProgressDeadlineExceeded'))
    return { key: 'deadline', sentence: `${state} at Kubernetes' own progress deadline`, since }
  if (now - memory.startedAt >= rules.deadlineMs)
    return { key: 'deadline', sentence: `${state} ${durationWords(rules.deadlineMs)} after the change`, since }
  // Measured from the highest count so far: readiness that comes and goes is no progress.
  const waiting = readyOf(fresh).length < wantedNew(seen) && !hasReasonToWait(look)
  if (waiting && now - memory.highWaterAt >= rules.stallMs)
    return { key: 'stall', sentence: `${state}, no further one for ${durationWords(rules.stallMs)}`, since }
  return undefined
}

/** A sign with a longer grace is known, or the pods' own startup probe still gives them time. */
const hasReasonToWait = ({ fresh, signs, rules }: Look): boolean =>
  signs.some(({ graceMs }) => graceMs > rules.stallMs) || fresh.some(({ starting }) => starting)

export const countWords = (seen: RolloutObservation, fresh: PodObservation[]): string =>
  progressWords(seen, readyOf(fresh).length)

export const readyOf = (pods: PodObservation[]): PodObservation[] => pods.filter(({ ready }) => ready)
