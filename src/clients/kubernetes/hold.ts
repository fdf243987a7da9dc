import { pausedByKey } from '../../domain/rollout-hold'
import { RefitError } from '../../domain/errors'
import type { PatchOptions } from '../contracts'
import type { WorkloadObject } from './wire'

export type HoldOperation = { op: 'test' | 'add' | 'replace' | 'remove'; path: string; value?: unknown }

/** What of a Deployment or a StatefulSet says whether it is held. */
interface Rolled {
  metadata?: WorkloadObject['metadata']
  spec?: { paused?: boolean; updateStrategy?: { rollingUpdate?: { partition?: number } } }
}

const annotation = `/metadata/annotations/${pausedByKey.replace('/', '~1')}`
const partitionPath = '/spec/updateStrategy/rollingUpdate/partition'

const pausedBy = ({ metadata }: Pick<WorkloadObject, 'metadata'>): string | undefined =>
  metadata?.annotations?.[pausedByKey]

/** The id of the upgrade that holds it, or held it until somebody let it go on; nothing where none did. */
export function heldMark(object: Pick<WorkloadObject, 'metadata'>): { pausedBy?: string } {
  const by = pausedBy(object)
  return by === undefined ? {} : { pausedBy: by }
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
    if (holdsOtherwise(object, hold.partition) && by !== hold.by) throw heldBySomebody(object)
    const operations = [...markOf(object, hold.by), ...holding(object, hold.partition)]
    return operations.length === 0 ? [] : [unchanged, ...operations]
  }
  if (release === undefined || by !== release) return []
  return [
    unchanged,
    { op: 'test', path: annotation, value: by },
    { op: 'remove', path: annotation },
    ...letting(object),
  ]
}

const partitionOf = ({ spec }: Rolled): number | undefined => spec?.updateStrategy?.rollingUpdate?.partition

const holdsOtherwise = (object: Rolled, partition: number | undefined): boolean =>
  partition === undefined ? object.spec?.paused === true : (partitionOf(object) ?? 0) > 0

function markOf(object: Rolled, by: string): HoldOperation[] {
  if (pausedBy(object) === by) return []
  if (object.metadata?.annotations) return [{ op: 'add', path: annotation, value: by }]
  // An annotation that somebody adds meanwhile would be lost, and it changes no generation.
  return [
    { op: 'test', path: '/metadata/resourceVersion', value: object.metadata?.resourceVersion ?? '' },
    { op: 'add', path: '/metadata/annotations', value: { [pausedByKey]: by } },
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
