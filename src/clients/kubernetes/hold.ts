import { heldPartitionKey, pausedByKey } from '../../domain/rollout-hold'
import { RefitError } from '../../domain/errors'
import type { PatchOptions } from '../contracts'
import type { WorkloadObject } from './wire'

export type HoldOperation = { op: 'test' | 'add' | 'replace' | 'remove'; path: string; value?: unknown }

/** What of a Deployment or a StatefulSet says whether it is held. */
interface Rolled {
  metadata?: WorkloadObject['metadata']
  spec?: { paused?: boolean; updateStrategy?: { rollingUpdate?: { partition?: number } } }
}

const pathOf = (key: string): string => `/metadata/annotations/${key.replace('/', '~1')}`
const annotation = pathOf(pausedByKey)
const heldPartition = pathOf(heldPartitionKey)
const partitionPath = '/spec/updateStrategy/rollingUpdate/partition'

const pausedBy = ({ metadata }: Pick<WorkloadObject, 'metadata'>): string | undefined =>
  metadata?.annotations?.[pausedByKey]

/**
 * The id of the upgrade that holds it, or held it until somebody let it go on; nothing where none did. And the partition
 * that somebody else has written since, if one has.
 */
export function heldMark(workload: WorkloadObject): { pausedBy?: string; otherPartition?: number } {
  const object = workload as Rolled
  const by = pausedBy(object)
  if (by === undefined) return {}
  return isOtherPartition(object) ? { pausedBy: by, otherPartition: partitionOf(object) ?? 0 } : { pausedBy: by }
}

/** StatefulSets that an earlier build holds don't say what it wrote. */
function isOtherPartition(object: Rolled): boolean {
  const written = object.metadata?.annotations?.[heldPartitionKey]
  return written !== undefined && written !== String(partitionOf(object) ?? 0)
}

/**
 * The JSON patch by which an upgrade holds a rollout, or lets it go on; empty when nothing is to be done. It applies only
 * to the very spec that was read, so that a pause of somebody else's in between is never taken for Refit's. Throws
 * KUBERNETES_CONFLICT where somebody else holds it; what somebody else holds is never let go.
 */
export function holdOperations(
  workload: WorkloadObject,
  { hold, release }: Pick<PatchOptions, 'hold' | 'release'>,
): HoldOperation[] {
  const object = workload as Rolled
  const by = pausedBy(object)
  const unchanged: HoldOperation = { op: 'test', path: '/metadata/generation', value: object.metadata?.generation ?? 0 }
  if (hold) {
    const isOwn = by === hold.by && !isOtherPartition(object)
    if (holdsOtherwise(object, hold.partition) && !isOwn) throw heldBySomebody(object)
    const operations = [...markOf(object, hold), ...holding(object, hold.partition)]
    return operations.length === 0 ? [] : [unchanged, ...operations]
  }
  if (release === undefined || by !== release) return []
  return [
    unchanged,
    { op: 'test', path: annotation, value: by },
    { op: 'remove', path: annotation },
    ...(object.metadata?.annotations?.[heldPartitionKey] === undefined
      ? []
      : [{ op: 'remove' as const, path: heldPartition }]),
    ...(isOtherPartition(object) ? [] : letting(object)),
  ]
}

const partitionOf = ({ spec }: Rolled): number | undefined => spec?.updateStrategy?.rollingUpdate?.partition

const holdsOtherwise = (object: Rolled, partition: number | undefined): boolean =>
  partition === undefined ? object.spec?.paused === true : (partitionOf(object) ?? 0) > 0

function markOf(object: Rolled, { by, partition }: NonNullable<PatchOptions['hold']>): HoldOperation[] {
  const wanted = { [pausedByKey]: by, ...(partition === undefined ? {} : { [heldPartitionKey]: String(partition) }) }
  const { annotations } = object.metadata ?? {}
  const missing = Object.entries(wanted).filter(([key, value]) => annotations?.[key] !== value)
  if (missing.length === 0) return []
  if (annotations) return missing.map(([key, value]) => ({ op: 'add', path: pathOf(key), value }))
  // An annotation that somebody adds meanwhile would be lost, and it changes no generation.
  return [
    { op: 'test', path: '/metadata/resourceVersion', value: object.metadata?.resourceVersion ?? '' },
    { op: 'add', path: '/metadata/annotations', value: wanted },
  ]
}

function holding(object: Rolled, partition: number | undefined): HoldOperation[] {
  if (partition === undefined) return object.spec?.paused ? [] : [{ op: 'add', path: '/spec/paused', value: true }]
  if (partitionOf(object) === partition) return []
  return [{ op: 'add', path: partitionPath, value: partition }]
}

function letting(object: Rolled): HoldOperation[] {
  if (object.spec?.paused) return [{ op: 'remove', path: '/spec/paused' }]
  return (partitionOf(object) ?? 0) > 0 ? [{ op: 'replace', path: partitionPath, value: 0 }] : []
}

const heldBySomebody = ({ metadata }: Rolled) =>
  new RefitError(
    'KUBERNETES_CONFLICT',
    `Somebody else holds the rollout of ${metadata?.namespace}/${metadata?.name}.`,
    'Nothing was patched.',
  )
