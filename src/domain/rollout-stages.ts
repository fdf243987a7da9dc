import type { RolloutRules } from './policy'
import type { Problem } from './preflight'
import type { RolloutObservation } from './rollout'
import type { Workload, WorkloadKind } from './service'
import { durationWords } from './text'

/** Where a rollout stands still, so that what is new can be watched beside what is old. */
export interface Stage {
  /** for a person: `canary`, `50 %` */
  title: string
  /** of the pods that are wanted; absent: the first new one */
  percent?: number
  bakeMs: number
}

const canaryBakeMs = 30_000

/** The stages of a rollout by these rules, in order; none: it goes through in one. */
export function stagesOf(rules: RolloutRules): Stage[] {
  const canary: Stage[] = rules.canary ? [{ title: 'canary', bakeMs: rules.canaryBakeMs ?? canaryBakeMs }] : []
  const steps = [...(rules.steps ?? [])].sort((a, b) => a.percent - b.percent)
  return [...canary, ...steps.map(({ percent, bakeMs }) => ({ title: `${percent} %`, percent, bakeMs }))]
}

/**
 * With how many new pods the rollout stands still in a stage; undefined where it doesn't: a singleton would run twice for
 * the whole time, a stage that all pods reach is the bake's, one that adds no pod to the stage before is done already, and
 * DaemonSets and CronJobs can't stand still.
 */
export function podsAt(
  stages: readonly Stage[],
  index: number,
  { kind = 'Deployment', desired }: Pick<RolloutObservation, 'kind' | 'desired'>,
): number | undefined {
  const at = (stage: Stage | undefined): number =>
    stage === undefined ? 0 : stage.percent === undefined ? 1 : Math.ceil((stage.percent * desired) / 100)
  const pods = at(stages[index])
  const before = at(stages[index - 1])
  return canStandStill(kind) && desired > 1 && pods < desired && pods > before ? pods : undefined
}

const canStandStill = (kind: WorkloadKind): boolean => kind === 'Deployment' || kind === 'StatefulSet'

/** New pods of a stage that are there, and how many of them are ready. */
export function newPods({ pods }: RolloutObservation): { there: number; ready: number } {
  const fresh = pods.filter(
    ({ isNew, deleting, phase }) => isNew && !deleting && phase !== 'Failed' && phase !== 'Succeeded',
  )
  return { there: fresh.length, ready: fresh.filter(({ ready }) => ready).length }
}

/** What a stage is waiting for or has reached, in words. */
export const stageWords = (name: string, { title, bakeMs }: Stage, pods: number, desired: number): string =>
  `${name} stands still with ${pods} of ${desired} pods new (${title}), watched for ${durationWords(bakeMs)}`

/** Why these rules can't hold the rollout of this workload; undefined where they can, or ask for nothing. */
export function canaryProblem({ name, kind, replicas, strategy }: Workload, rules: RolloutRules): Problem | undefined {
  if (stagesOf(rules).length === 0 || replicas <= 1) return undefined
  const without = 'or take canary and steps out of rollout in the policy.'
  if (kind === 'StatefulSet' && strategy.partition)
    return {
      reason: `${name} has a partition (${strategy.partition}) already, by which Refit would hold its rollout`,
      next: `Set updateStrategy.rollingUpdate.partition to 0, ${without}`,
    }
  if (kind !== 'Deployment') return undefined
  if (strategy.type === 'Recreate')
    return {
      reason: `${name} stops all its pods before new ones start (strategy Recreate), so no new pod can be watched beside old ones`,
      next: `Set strategy RollingUpdate with maxSurge 1, ${without}`,
    }
  if (strategy.maxSurge < 1)
    return {
      reason: `${name} makes no pod beyond the ones that it has (maxSurge 0), so no new pod can be watched beside all old ones`,
      next: `Set maxSurge to 1 or a percentage, ${without}`,
    }
  return undefined
}
