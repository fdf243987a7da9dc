import type { ImageChange, WorkloadRef } from '../clients/contracts'
import type { Plan } from '../domain/plan'
import { commitImages } from './commit-images'
import type { StepVerdict } from './contracts'
import type { Dependencies } from './dependencies'
import { patchWorkload } from './patch-workload'

export interface ApplyStep {
  plan: Plan
  planHash: string
  upgradeId: string
  workload: WorkloadRef
  changes: ImageChange[]
  /** `prepare` and `rollout` bring new images, `rollback` the old ones */
  step: 'prepare' | 'rollout' | 'rollback'
}

/**
 * Brings these images to the workload's template: by a patch, or, where the plan says `gitops`, by a commit that an agent
 * applies, which is waited for. What stands in the way is a verdict; undefined once the template has them.
 */
export const applyImages = (
  deps: Pick<Dependencies, 'store' | 'kubernetes' | 'environment'>,
  step: ApplyStep,
): Promise<StepVerdict | undefined> =>
  step.plan.policy.gitops
    ? commitImages(deps, { ...step, gitops: step.plan.policy.gitops })
    : patchWorkload(deps.kubernetes, step.plan.service.namespace, step.workload, step.changes, release(step))

/** What a stage of the rollout holds goes on in the same patch: a template that is restored and paused would change nothing. */
const release = ({ step, upgradeId }: ApplyStep): { release?: string } =>
  step === 'prepare' ? {} : { release: upgradeId }
