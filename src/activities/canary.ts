import { Context } from '@temporalio/activity'
import type { Kubernetes, PatchOptions, WorkloadRef } from '../clients/contracts'
import { RefitError } from '../domain/errors'
import { type EventKind, stepKeys } from '../domain/event'
import type { RolloutObservation } from '../domain/rollout'
import { holdOf } from '../domain/rollout-hold'
import { podsAt, stagesOf } from '../domain/rollout-stages'
import { workloadId } from '../domain/service'
import type { StageKey, StepVerdict } from './contracts'
import type { Dependencies } from './dependencies'
import { samplesOf } from './health-samples'
import { patchWorkload, plannedWorkload } from './patch-workload'
import { forwardChanges } from './rollout'
import { stageJudge, standsStill } from './stage-judge'
import { assertStillOpen } from './still-open'
import { look, watchWorkload } from './watch-workload'

/** `holds`: the rollout stands still, and its new pods are to be watched beside the old ones. */
export type CanaryVerdict = StepVerdict & { holds?: true }

const goesOn = (reason: string, sentence: string): CanaryVerdict => ({ kind: 'healthy', reason, sentence })

/**
 * Rolls one workload up to a stage and has it stand still there. A Deployment is paused as soon as the pods of the stage
 * are made, because its controller replaces further ones the moment they are ready; a StatefulSet gets a partition together
 * with its images. The hold is marked with the upgrade's id, and the undo of the workload, which is registered before,
 * lifts it. Run twice it does nothing twice.
 */
export const canary =
  ({ store, kubernetes }: Dependencies) =>
  async ({ upgradeId, planHash, workload, stage: index }: StageKey): Promise<CanaryVerdict> => {
    const plan = await store.plans.read(planHash)
    await assertStillOpen(store, upgradeId)
    const stages = stagesOf(plan.policy.rollout)
    const stage = stages[index]
    if (!stage)
      throw new RefitError('PLAN_CHANGED', `The plan has no stage ${index}.`, 'Run refit scan for a new plan.')
    const id = workloadId(workload)
    const recorded = (key: string): Promise<unknown> => store.upgrades.recorded(upgradeId, key)
    if (await recorded(stepKeys.watched(id, index))) return goesOn('watched', 'it stood still here already')

    const namespace = plan.service.namespace
    const seen = await lookOnce(kubernetes, namespace, workload)
    if ('kind' in seen) return seen
    const pods = podsAt(stages, index, { kind: workload.kind, desired: seen.observation.desired })
    // With OnDelete no new pod comes, however long it stands still.
    if (pods === undefined || seen.observation.onDelete) return goesOn('no-stage', 'it does not stand still here')

    if (holdOf(seen.observation, upgradeId) === 'lifted')
      return { kind: 'conflict', reason: 'resumed', sentence: `somebody let ${workload.name} go on that Refit held` }

    const { containers } = plannedWorkload(plan.workloads, workload)
    const changes = await forwardChanges(store, upgradeId, { ...workload, containers })
    const isHeld = Boolean(await recorded(stepKeys.held(id, index)))
    const options = isHeld ? {} : holdingAt(pods, workload, seen.observation, upgradeId)
    const conflict = await patchWorkload(kubernetes, namespace, workload, changes, options)
    if (conflict) return conflict
    const record = (key: string, kind: EventKind, message: string): Promise<void> =>
      store.upgrades.record({ upgradeId, key, phase: 'rollout', kind, message })
    const message = `${workload.name} set to ${plan.to.tag}@${plan.to.digest}`
    await record(stepKeys.patched(id), 'patched', message)

    const expected = {
      containers: containers.map(({ name, init, to }) => ({ name, init, image: to })),
      digest: plan.to.digest,
      rules: plan.policy.rollout,
    }
    const same = containers.map(({ name, init, to }) => ({ name, init, from: to, to }))
    const judge = stageJudge(expected, {
      ...{ upgradeId, name: workload.name, stage, pods, isHeld },
      hold: () => patchWorkload(kubernetes, namespace, workload, same, { hold: { by: upgradeId } }),
      held: (words) => record(stepKeys.held(id, index), 'canary', words),
    })
    const samples = samplesOf(store, upgradeId)
    const verdict = await watchWorkload(kubernetes, namespace, workload, expected, judge, samples)
    return verdict.reason === standsStill ? { ...verdict, holds: true } : verdict
  }

/** What the patch of the images does beside: a stage before this one may hold the rollout. */
function holdingAt(
  pods: number,
  { kind }: WorkloadRef,
  { desired, updated }: RolloutObservation,
  by: string,
): Pick<PatchOptions, 'hold' | 'release'> {
  if (kind === 'StatefulSet') return { hold: { by, partition: desired - pods } }
  return updated < pods ? { release: by } : {}
}

async function lookOnce(
  kubernetes: Kubernetes,
  namespace: string,
  workload: WorkloadRef,
): Promise<{ observation: RolloutObservation } | StepVerdict> {
  const seen = await look(() => kubernetes.observeRollout(namespace, workload, Context.current().cancellationSignal))
  if ('vanished' in seen) return { kind: 'conflict', reason: 'vanished', sentence: seen.vanished }
  if ('blind' in seen) throw new RefitError('KUBERNETES_UNAVAILABLE', seen.blind, 'A worker tries again by itself.')
  return seen
}
