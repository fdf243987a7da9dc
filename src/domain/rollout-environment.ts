import { parseImage } from './image'
import type { PodObservation, RolloutObservation } from './rollout'

/** What an outage makes as well as a release does; the other signs are of the release or of its own configuration. */
const fromOutside = new Set([
  'crash-loop',
  'image-pull',
  'flapping',
  'capacity',
  'stall',
  'deadline',
  'restarted',
  'readiness-lost',
  'health',
])

/** Whether an outage can have made this failure, by its machine word. */
export const mayComeFromOutside = (reason: string): boolean => fromOutside.has(reason)

/** A pod of another workload on a node that runs a failing pod. */
export interface Neighbour {
  /** `namespace/name` of what controls it */
  workload: string
  images: string[]
  ready: boolean
  /** since when, epoch ms by the cluster's clock; 0 when it was never said */
  since: number
}

/** So many unrelated workloads on the same nodes are an outage, not a coincidence. */
const many = 2
/** Probes notice the same outage within this time. */
const togetherMs = 60_000

/** New pods that are not well, on a node. */
export const failingOnNodes = ({ pods }: RolloutObservation): (PodObservation & { node: string })[] =>
  pods.filter((pod): pod is PodObservation & { node: string } => pod.isNew && !pod.ready && pod.node !== undefined)

/**
 * The unrelated workloads on the same nodes that lost their readiness with the failing pods, but not after them: those that
 * fall later may depend on this release. While no new pod was ever ready the old ones serve, and nothing depends on it
 * yet. Empty when they are too few to say anything.
 *
 * @param lost names of new pods that had been ready
 */
export function sickNeighbours(
  seen: RolloutObservation,
  lost: readonly string[],
  neighbours: readonly Neighbour[],
): string[] {
  const own = new Set(seen.containers.map(({ image }) => repositoryOf(image)))
  const failing = failingOnNodes(seen)
  const fell = failing.filter(({ name }) => lost.includes(name)).map(({ unreadySince }) => unreadySince ?? 0)
  const wereReady = fell.length > 0
  const until = wereReady ? Math.min(...fell) : Number.POSITIVE_INFINITY
  const from = (wereReady ? until : Math.min(...failing.map(({ createdAt }) => createdAt))) - togetherMs
  const sick = neighbours
    .filter(({ images }) => !images.some((image) => own.has(repositoryOf(image))))
    .filter(({ ready, since }) => !ready && since >= from && since <= until)
  const workloads = [...new Set(sick.map(({ workload }) => workload))].sort()
  return workloads.length >= many ? workloads : []
}

function repositoryOf(image: string): string {
  const parsed = parseImage(image)
  return parsed ? `${parsed.registry}/${parsed.path}` : image
}

/** No old pod is ready, though there are some: what they need is away. */
export const noneReady = (pods: readonly PodObservation[]): boolean =>
  pods.length > 0 && pods.every(({ ready }) => !ready)
