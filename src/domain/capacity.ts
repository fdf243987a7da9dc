import type { RolloutRules } from './policy'
import type { Problem } from './preflight'
import type { Workload } from './service'

/**
 * Law 6: Refit's own patch never lowers capacity below the desired count unless the policy says by how much. With
 * `OnDelete`, and in a CronJob, the patch replaces no pod.
 */
export function capacityProblem(
  workload: Workload,
  policy: { name: string; rollout: Pick<RolloutRules, 'maxUnavailable'> },
): Problem | undefined {
  const { kind, name, replicas, strategy } = workload
  const lowers = loweredBy(workload)
  if (lowers <= policy.rollout.maxUnavailable) return undefined
  const pods = `${lowers} of ${replicas} ${replicas === 1 ? 'pod' : 'pods'}`
  const write = `Write rollout.maxUnavailable: ${lowers} in policy ${policy.name} if that is wanted`
  const allowed = policy.rollout.maxUnavailable
  switch (kind) {
    case 'StatefulSet':
      return { reason: `StatefulSet ${name} replaces its pods in place, ${pods} missing meanwhile`, next: `${write}.` }
    case 'DaemonSet':
      return {
        reason: `DaemonSet ${name} may run with ${pods} missing (maxUnavailable ${strategy.maxUnavailable})`,
        next: `${write}, or set its maxSurge to 1 or more and its maxUnavailable to 0.`,
      }
    case 'Deployment':
    case 'CronJob':
      return strategy.type === 'Recreate'
        ? {
            reason: `${name} stops all its pods before new ones start (strategy Recreate), ${pods} at once`,
            next: `${write}.`,
          }
        : {
            reason: `${name} may run with ${pods} missing (maxUnavailable ${strategy.maxUnavailable})`,
            next: `${write}, or set the Deployment's maxUnavailable to ${allowed} and maxSurge to 1 or more.`,
          }
  }
}

/** How many pods may be missing at once while it rolls. */
export function loweredBy({ replicas, strategy }: Workload): number {
  if (strategy.type === 'Recreate') return replicas
  return Math.min(strategy.maxUnavailable, Math.max(0, replicas - (strategy.partition ?? 0)))
}
