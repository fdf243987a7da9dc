import type { Plan } from './plan'
import type { Problem } from './preflight'
import type { Found } from './preflight-room'
import type { Workload } from './service'
import type { Setting } from './surroundings'

/** Whether its pods say when they work, and end without losing requests. */
export function podsFound(now: Workload, setting: Setting | undefined, plan: Plan): Found {
  const { readinessProbe, drain } = plan.policy.rollout
  const found: Found = { problems: [], warnings: [] }
  if (now.hasReadinessProbe === false) {
    const reason = `${now.name} has no readiness probe, so nobody can tell when a new pod works`
    if (readinessProbe === 'optional') found.warnings.push(reason)
    else
      found.problems.push({
        reason,
        next: `Add one to every application container, or write rollout.readinessProbe: optional in policy ${plan.policy.name}.`,
      })
  }
  const drains = drainProblem(now, setting)
  if (drains && drain === 'required') found.problems.push(drains)
  else if (drains) found.warnings.push(drains.reason)
  return found
}

/** Endpoints are withdrawn while the pod is already told to stop; until then it must serve. */
function drainProblem({ name, hasPreStop }: Workload, setting: Setting | undefined): Problem | undefined {
  if (setting?.getsRequests === false) return undefined
  if (!hasPreStop)
    return {
      reason: `${name} has no preStop hook: requests may still reach a pod that already stops`,
      next: 'Give every application container one, such as lifecycle: { preStop: { sleep: { seconds: 5 } } }.',
    }
  if (!setting || setting.preStopSeconds < setting.graceSeconds) return undefined
  return {
    reason: `${name} is killed while it drains: its preStop hook takes ${setting.preStopSeconds} s, and terminationGracePeriodSeconds is ${setting.graceSeconds}`,
    next: 'Set terminationGracePeriodSeconds to more than the hook and the stop of the application take.',
  }
}

/** A second rollout on top of one that never ended would hide which of them failed. */
export function olderProblems({ name, kind }: Workload, setting: Setting | undefined, plan: Plan): Problem[] {
  if (!setting?.older) return []
  const { pods, of } = setting.older
  const target = `-n ${plan.service.namespace} rollout`
  return [
    {
      reason: `${name} is in the middle of another rollout: ${pods} of ${of} pods are of an older template`,
      next: `See kubectl ${target} status ${kind.toLowerCase()}/${name}; once it has ended, or is undone (rollout undo), run refit scan.`,
    },
  ]
}
