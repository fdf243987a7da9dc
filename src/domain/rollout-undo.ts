import { parseImage } from './image'
import type { Plan } from './plan'
import type { PodObservation, RolloutMemory, RolloutObservation, Verdict } from './rollout'

/**
 * Pods of the revision that was undone which keep a StatefulSet from going on: it replaces none before the one that it
 * waits for is ready, and that one never will be. What isn't ready serves nobody.
 */
export function stuckPods(seen: RolloutObservation): PodObservation[] {
  if (seen.kind !== 'StatefulSet' || seen.observedGeneration < seen.generation || seen.templateHash === undefined)
    return []
  return seen.pods.filter(({ isNew, ready, deleting }) => !isNew && !ready && !deleting)
}

export const notYetRun = 'not-yet-run'

/** How much later than it is due a run may begin. */
const runGraceMs = 60_000

/**
 * The verdict of an undo whose proof comes with the next run or pod: waited for where a run is due before the deadline
 * (`dueAt`, epoch ms, as it was first seen), unknown otherwise, because nobody can tell before.
 */
export function undoVerdict(
  verdict: Verdict,
  { startedAt }: Pick<RolloutMemory, 'startedAt'>,
  { dueAt, deadlineMs, now }: { dueAt: number | undefined; deadlineMs: number; now: number },
): Verdict {
  if (verdict.reason !== notYetRun) return verdict
  const isWaitedFor = dueAt !== undefined && dueAt <= startedAt + deadlineMs && now <= dueAt + runGraceMs
  return { ...verdict, kind: isWaitedFor ? 'progressing' : 'unknown', sentence: `not yet run: ${verdict.sentence}` }
}

/** The image by tag and the digest that ran under it, where only the tag stands: for a tag that was pushed again since. */
export function pinnedImage({ from, service }: Pick<Plan, 'from' | 'service'>, image: string): string | undefined {
  const parsed = parseImage(image)
  if (!parsed || parsed.digest !== undefined || parsed.tag !== from.tag || from.digest === null) return undefined
  const own = parseImage(service.repository)
  return own?.registry === parsed.registry && own.path === parsed.path ? `${image}@${from.digest}` : undefined
}
