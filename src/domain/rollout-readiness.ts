import type { PodObservation, RolloutMemory } from './rollout'
import { podKey, podName, type Sign } from './rollout-signs'

/** Readiness that a pod lost; instants are epoch ms. */
export interface Loss {
  pod: string
  uid?: string
  isNew: boolean
  at: number
}

const windowMs = 5 * 60_000
/** Of one new pod, and of all of them together, within the window (facts/rollout.md §3.1 rule 11). */
const ofOne = 2
const ofAll = 3

/** Which pods are ready, and which lost it since the last look or within the last five minutes. */
export function readinessOf(
  pods: readonly PodObservation[],
  { ready = [], losses = [] }: Pick<RolloutMemory, 'ready' | 'losses'>,
  now: number,
): { ready: string[]; losses: Loss[] } {
  const before = new Set(ready)
  const lost = pods
    .filter((pod) => !pod.ready && before.has(podKey(pod)))
    .map(({ name, uid, isNew }): Loss => ({ pod: name, ...(uid ? { uid } : {}), isNew, at: now }))
  return {
    ready: pods.filter((pod) => pod.ready).map(podKey),
    // A heartbeat stays small, however many pods there are.
    losses: [...losses.filter(({ at }) => now - at < windowMs), ...lost].slice(-20),
  }
}

const keyOf = ({ uid, pod }: Loss): string => uid ?? pod

/** Readiness that comes and goes: Kubernetes counts each coming as progress. */
export function flapSign(losses: readonly Loss[]): Sign | undefined {
  const fresh = losses.filter(({ isNew }) => isNew)
  const lossesOf = (loss: Loss) => fresh.filter((each) => keyOf(each) === keyOf(loss)).length
  const often = fresh.find((loss) => lossesOf(loss) >= ofOne)
  if (!often && fresh.length < ofAll) return undefined
  const times = (count: number) => `${count} times within 5 min`
  return {
    key: 'flapping',
    graceMs: 0,
    sentence: often
      ? `${podName({ name: often.pod })} lost its readiness ${times(lossesOf(often))}`
      : `new pods lost their readiness ${times(fresh.length)}`,
  }
}

interface Counts {
  desired: number
  available: number
  maxUnavailable: number
  /** the desired count when there was last enough: pods that scaling adds were never there to be lost */
  full: number | undefined
}

/** The desired count of the last look at which there were enough. */
export const fullOf = ({ desired, available, maxUnavailable, full }: Counts): number | undefined =>
  available >= desired - maxUnavailable ? desired : full

/**
 * New pods had replaced old ones, and are no longer ready (rule 13). Where old ones are not ready either, and where pods
 * are only missing, as after an eviction, the release is not to blame.
 */
export function capacitySign(
  pods: readonly PodObservation[],
  losses: readonly Loss[],
  counts: Counts,
  graceMs: number,
): Sign | undefined {
  const { desired, available, maxUnavailable, full } = counts
  if (full === undefined || available >= Math.min(full, desired) - maxUnavailable) return undefined
  const lost = pods.find((pod) => pod.isNew && !pod.ready && losses.some((loss) => keyOf(loss) === podKey(pod)))
  if (!lost || pods.some(({ isNew, ready }) => !isNew && !ready)) return undefined
  return {
    key: 'capacity',
    graceMs,
    sentence: `${available} of ${desired} pods available, ${podName(lost)} lost its readiness`,
  }
}
