import type { RolloutObservation } from './rollout'

export interface Conflict {
  reason: string
  sentence: string
}

/** A person wins (law 8): another image or `paused` stops Refit. Scaling is no such change. */
export function changeBySomebody(
  seen: RolloutObservation,
  expected: { name: string; init: boolean; image: string }[],
): Conflict | undefined {
  if (seen.lifted) return { reason: 'resumed', sentence: 'somebody let the rollout go on that Refit holds' }
  if (seen.paused) return { reason: 'paused', sentence: 'somebody paused the Deployment' }
  for (const { name, init, image } of expected) {
    const now = seen.containers.find((each) => each.name === name && each.init === init)?.image
    if (now !== image)
      return {
        reason: 'changed-by-somebody',
        sentence: `${name} was set to ${now ?? 'another repository'} by somebody else, expected ${image}`,
      }
  }
  return undefined
}

/** Another revision than the one that the watch began with: an environment, a probe, a `kubectl rollout restart`. */
export function otherTemplate(seen: RolloutObservation, watched: string | undefined): Conflict | undefined {
  if (watched === undefined || seen.templateHash === undefined || seen.templateHash === watched) return undefined
  return { reason: 'changed-by-somebody', sentence: 'the pod template was changed by somebody else' }
}
