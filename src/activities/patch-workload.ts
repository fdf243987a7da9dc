import type { ImageChange, Kubernetes, PatchOptions, WorkloadRef } from '../clients/contracts'
import { RefitError } from '../domain/errors'
import type { PlannedWorkload } from '../domain/plan'
import type { StepVerdict } from './contracts'

/** What the plan says of this very workload. PLAN_CHANGED when it says nothing. */
export function plannedWorkload(workloads: PlannedWorkload[], { name, uid }: WorkloadRef): PlannedWorkload {
  const planned = workloads.find((each) => each.name === name && each.uid === uid)
  if (!planned)
    throw new RefitError('PLAN_CHANGED', `The plan has no workload ${name}.`, 'Run refit scan for a new plan.')
  return planned
}

/** Patches its images. A conflict is somebody else's change: a verdict, not an error. */
export async function patchWorkload(
  kubernetes: Kubernetes,
  namespace: string,
  workload: WorkloadRef,
  changes: ImageChange[],
  options: Pick<PatchOptions, 'hold' | 'release'> = {},
): Promise<StepVerdict | undefined> {
  try {
    await kubernetes.patchImages(namespace, workload, changes, options)
    return undefined
  } catch (error) {
    if (!(error instanceof RefitError)) throw error
    if (error.code === 'KUBERNETES_CONFLICT' || error.code === 'KUBERNETES_NOT_FOUND')
      return { kind: 'conflict', reason: 'changed-by-somebody', sentence: error.message }
    throw error
  }
}
