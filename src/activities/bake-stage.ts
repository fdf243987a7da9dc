import type { WorkloadRef } from '../clients/contracts'
import { stepKeys } from '../domain/event'
import type { Plan } from '../domain/plan'
import { stagesOf } from '../domain/rollout-stages'
import { durationWords } from '../domain/text'
import { workloadId } from '../domain/service'
import type { HealthQuestion } from './ask-health'
import type { StepVerdict } from './contracts'
import type { Dependencies } from './dependencies'
import { newPodsAlone } from './own-hold'
import { plannedWorkload } from './patch-workload'

interface StageOf {
  plan: Plan
  upgradeId: string
  workload: WorkloadRef
  /** of the stage */
  index: number
}

/**
 * Watches the new pods of one workload while its rollout stands still, by the rules of the bake. What ends neither well nor
 * badly leaves it standing: the old pods still serve. Run again after it ended well it is done.
 */
export async function bakeStage(
  deps: Dependencies,
  { plan, upgradeId, workload, index }: StageOf,
  watch: (around: Dependencies, question: HealthQuestion) => Promise<StepVerdict>,
): Promise<StepVerdict> {
  const { store, kubernetes } = deps
  const key = stepKeys.watched(workloadId(workload), index)
  const done = await store.upgrades.recorded(upgradeId, key)
  if (done) return { kind: 'healthy', reason: 'baked', sentence: done.message }
  const { title, bakeMs } = stagesOf(plan.policy.rollout)[index] ?? { title: '', bakeMs: 0 }
  const alone: Plan = {
    ...plan,
    workloads: [plannedWorkload(plan.workloads, workload)],
    policy: { ...plan.policy, rollout: { ...plan.policy.rollout, bakeMs } },
  }
  const around = { ...deps, kubernetes: newPodsAlone(kubernetes, upgradeId) }
  const question = { plan: alone, upgradeId, stage: `${workloadId(workload).replace('/', '-')}-${index}` }
  const verdict = await watch(around, question)
  if (verdict.kind === 'unknown')
    return { ...verdict, sentence: `${verdict.sentence}; ${workload.name} stands still half way (${title})` }
  if (verdict.kind !== 'healthy') return verdict
  const message = `the new pods of ${workload.name} stayed healthy for ${durationWords(bakeMs)} (${title})`
  await store.upgrades.record({ upgradeId, key, phase: 'rollout', kind: 'canary', message })
  return { ...verdict, sentence: message }
}
