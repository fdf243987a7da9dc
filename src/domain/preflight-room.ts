import { loweredBy } from './capacity'
import type { Plan } from './plan'
import type { Problem } from './preflight'
import type { Workload } from './service'
import type { DisruptionBudget, Quota, Setting } from './surroundings'

export interface Found {
  problems: Problem[]
  /** worth knowing, but no reason to stop */
  warnings: string[]
}

/** Whether the namespace lets this workload roll as its strategy wants to: budgets, quotas, volumes, autoscaler. */
export function roomFor(now: Workload, setting: Setting, plan: Plan, oneNode: boolean): Found {
  const found: Found = { problems: [], warnings: autoscalerWarnings(now, setting, plan) }
  found.problems.push(...setting.budgets.flatMap((budget) => budgetProblems(now, budget)))
  found.problems.push(...claimProblems(now, setting, oneNode))
  for (const quota of setting.quotas) {
    found.problems.push(...silentProblems(now, setting, quota))
    const short = shortOf(now, setting, quota)
    // With fewer pods than desired allowed, old ones make room for the new.
    if (short && loweredBy(now) > 0) found.warnings.push(`${short.reason}: it can go no faster than old pods end`)
    else if (short) found.problems.push(short)
  }
  return found
}

/** A Deployment's own rolling update asks no budget, so that its promise is kept here or not at all. */
function budgetProblems(now: Workload, budget: DisruptionBudget): Problem[] {
  const { name, replicas } = now
  const least = leastOf(budget, replicas)
  const left = replicas - loweredBy(now)
  if (left === replicas || left >= least) return []
  return [
    {
      reason: `${name} may run with ${left} of ${replicas} pods while it rolls, and PodDisruptionBudget ${budget.name} wants ${least}`,
      next: nextForBudget(now, replicas - left, Math.max(0, replicas - least)),
    },
  ]
}

function nextForBudget({ kind, name, strategy }: Workload, lowers: number, most: number): string {
  const budget = `Let the budget allow ${lowers - most} fewer`
  if (kind === 'StatefulSet') return `${budget}: a StatefulSet replaces its pods in place.`
  if (strategy.type === 'Recreate') return `${budget}, or give ${name} the strategy RollingUpdate with maxSurge 1.`
  return `${budget}, or set maxUnavailable of ${name} to at most ${most}.`
}

/** Kubernetes rounds both percentages up. */
function leastOf({ minAvailable, maxUnavailable }: DisruptionBudget, replicas: number): number {
  if (minAvailable !== undefined) return podsOf(minAvailable, replicas)
  return maxUnavailable === undefined ? 0 : Math.max(0, replicas - podsOf(maxUnavailable, replicas))
}

function podsOf(value: number | string, replicas: number): number {
  if (typeof value === 'number') return value
  const share = Number.parseFloat(value)
  return Number.isFinite(share) ? Math.ceil((share * replicas) / 100) : 0
}

/** The new pod beside the old one waits for a volume that the old one has. */
function claimProblems({ kind, name, replicas, strategy }: Workload, { claims }: Setting, oneNode: boolean): Problem[] {
  const surge = Math.min(strategy.maxSurge, replicas)
  if (kind !== 'Deployment' || surge === 0) return []
  return claims
    .filter(({ mode }) => mode === 'ReadWriteOncePod' || !oneNode)
    .map((claim) => ({
      reason: `${name} mounts claim ${claim.name} (${claim.mode}), which a new pod can't have ${claim.mode === 'ReadWriteOncePod' ? 'beside the old one' : 'on another node than the old one'}`,
      next: `Give ${name} the strategy Recreate, with rollout.maxUnavailable: ${replicas} in the policy, or a claim that several nodes can mount.`,
    }))
}

/** What a quota limits, every container must say. */
function silentProblems({ name, replicas }: Workload, { demand }: Setting, { name: quota, left }: Quota): Problem[] {
  const silent = Object.keys(left).filter((key) => /\.(cpu|memory)$/.test(key) && demand[key] === undefined)
  if (silent.length === 0 || replicas === 0) return []
  return [
    {
      reason: `quota ${quota} limits ${silent.join(' and ')}, which not every container of ${name} says, so that no new pod of it can be made`,
      next: 'Write it in the resources of each container, or give the namespace a LimitRange with defaults.',
    },
  ]
}

function shortOf({ name, replicas, strategy }: Workload, { demand }: Setting, quota: Quota): Problem | undefined {
  const surge = Math.min(strategy.maxSurge, replicas)
  const short = Object.entries(quota.left).filter(([key, left]) => (demand[key] ?? 0) * surge > left * (1 + 1e-9))
  if (surge === 0 || short.length === 0) return undefined
  const fits = Math.min(...short.map(([key, left]) => Math.floor((left * (1 + 1e-9)) / (demand[key] ?? 1))))
  const words = short.map(
    ([key, left]) => `${amountWords(key, left)} of the ${amountWords(key, (demand[key] ?? 0) * surge)} ${key}`,
  )
  return {
    reason: `${name} needs room for ${surge} more ${surge === 1 ? 'pod' : 'pods'} while it rolls, and quota ${quota.name} leaves ${words.join(' and ')}`,
    next: `Raise the quota${fits > 0 ? `, or set maxSurge of ${name} to ${fits}` : ''}.`,
  }
}

function amountWords(key: string, amount: number): string {
  const most = Math.max(0, amount)
  if (!/memory|storage/.test(key)) return String(Math.round(most * 1_000) / 1_000)
  return `${Math.round(most / 2 ** 20)} Mi`
}

/** Scaling is nobody's conflict, but it moves what a canary and steps are counted from. */
function autoscalerWarnings({ name }: Workload, { autoscaler }: Setting, { policy }: Plan): string[] {
  const { canary, steps = [] } = policy.rollout
  if (!autoscaler || (!canary && steps.length === 0)) return []
  const { min, max } = autoscaler
  return [
    `HorizontalPodAutoscaler ${autoscaler.name} scales ${name} between ${min} and ${max} pods also while it rolls: ${canary ? 'the canary may become more than one pod' : 'steps are counted from the pods there are then'}`,
  ]
}
