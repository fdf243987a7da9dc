import { capacityProblem } from './capacity'
import type { Plan, PlannedWorkload } from './plan'
import { ownerProblems } from './preflight-owner'
import { serviceId, workloadId, type Service, type Workload } from './service'
import type { WindowState } from './window'

export interface Problem {
  /** what is wrong, without a full stop */
  reason: string
  /** what to do, a sentence */
  next: string
}

export type Preflight =
  | { kind: 'ok'; /** worth knowing, but no reason to stop */ warnings: string[] }
  | { kind: 'refused'; problems: Problem[] }

export interface PreflightInput {
  plan: Plan
  /** as it runs now; undefined when it isn't deployed any more */
  service: Service | undefined
  /** digest that the plan's tag has in the registry now */
  candidateDigestNow: string | undefined
  /** whether an upgrade may start now, where the caller asks again */
  window?: WindowState
}

const again = 'Run refit scan and approve the new plan.'

/** The last look before the first write (law 3): names every problem at once, each with its next step. */
export function checkPreflight({ plan, service, candidateDigestNow, window }: PreflightInput): Preflight {
  if (!service)
    return {
      kind: 'refused',
      problems: [{ reason: `${serviceId(plan.service)} is not deployed any more`, next: 'Nothing to do.' }],
    }
  const pairs = plan.workloads.map((planned) => ({
    planned,
    now: service.workloads.find((each) => workloadId(each) === workloadId(planned)),
  }))
  const problems = [
    ...digestProblems(plan, candidateDigestNow),
    ...windowProblems(window),
    ...pairs.flatMap(({ planned, now }) => identityProblems(planned, now) ?? stateProblems(now as Workload, plan)),
    ...unplannedProblems(plan, service),
  ]
  if (problems.length > 0) return { kind: 'refused', problems }
  return { kind: 'ok', warnings: pairs.flatMap(({ now }) => (now ? warningsOf(now) : [])) }
}

function digestProblems({ to }: Plan, now: string | undefined): Problem[] {
  if (now === to.digest) return []
  if (now === undefined)
    return [{ reason: `the registry no longer has ${to.tag}`, next: 'Push it again, or run refit scan.' }]
  return [{ reason: `${to.tag} was pushed again: the plan says ${to.digest}, the registry ${now}`, next: again }]
}

function windowProblems(window: WindowState | undefined): Problem[] {
  if (!window || window.kind === 'open') return []
  return [
    {
      reason: windowWords(window),
      next: 'Run refit scan; it waits for the next window.',
    },
  ]
}

function windowWords(window: Exclude<WindowState, { kind: 'open' }>): string {
  if (window.kind === 'never') return window.because
  if (window.because === 'too-late') return 'what is left of the window is too short for it'
  return `the ${window.because} does not allow a start now`
}

/** Undefined when it is the workload that the plan was made for, unchanged. */
function identityProblems(planned: PlannedWorkload, now: Workload | undefined): Problem[] | undefined {
  const { name } = planned
  if (!now) return [{ reason: `${name} has gone`, next: again }]
  if (now.uid !== planned.uid) return [{ reason: `${name} was deleted and created again`, next: again }]
  const changed = planned.containers.flatMap((container) => {
    const image = now.containers.find((each) => each.name === container.name && each.init === container.init)?.image
    return image === container.from
      ? []
      : [`${container.name} runs ${image ?? 'another repository'}, the plan says ${container.from}`]
  })
  return changed.length > 0
    ? [{ reason: `${name} was changed by somebody: ${changed.join(', ')}`, next: again }]
    : undefined
}

function stateProblems(now: Workload, plan: Plan): Problem[] {
  const { name, paused, generation, observedGeneration, revisionHistoryLimit, hasReadinessProbe } = now
  const problems = ownerProblems(plan, now, undefined)
  if (paused)
    problems.push({
      reason: `${name} is paused`,
      next: `Resume it: kubectl -n ${plan.service.namespace} rollout resume deployment/${name}.`,
    })
  if (observedGeneration < generation)
    problems.push({
      reason: `${name} has a change that Kubernetes has not taken up yet`,
      next: 'Wait until it has, then run refit scan.',
    })
  if (revisionHistoryLimit === 0)
    problems.push({ reason: `${name} keeps no old revision (revisionHistoryLimit: 0)`, next: 'Set it to 1 or more.' })
  if (hasReadinessProbe === false)
    problems.push({
      reason: `${name} has no readiness probe, so nobody can tell when a new pod works`,
      next: 'Add one to every application container.',
    })
  const capacity = capacityProblem(now, plan.policy)
  return capacity ? [...problems, capacity] : problems
}

/** One image often feeds a dozen workloads: one that appeared since would be left on the old image. */
function unplannedProblems(plan: Plan, service: Service): Problem[] {
  const to = `${plan.service.repository}:${plan.to.tag}@${plan.to.digest}`
  return service.workloads
    .filter(
      (each) =>
        !plan.workloads.some((planned) => workloadId(planned) === workloadId(each)) &&
        each.containers.some(({ image }) => image !== to),
    )
    .map((each) => ({ reason: `${workloadId(each)} runs the image too and is not in the plan`, next: again }))
}

const warningsOf = ({ name, hasPreStop }: Workload): string[] =>
  hasPreStop ? [] : [`${name} has no preStop hook: requests may still reach a pod that already stops`]
