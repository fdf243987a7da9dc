import { capacityProblem } from './capacity'
import { runsOnAny } from './image-facts'
import type { Plan, PlannedWorkload } from './plan'
import { imageContractFound, type ImagePair } from './preflight-image'
import { ownerProblems, ownerWarnings } from './preflight-owner'
import { olderProblems, podsFound } from './preflight-pods'
import { roomFor, type Found } from './preflight-room'
import { canaryProblem } from './rollout-stages'
import { serviceId, workloadId, type Service, type Workload } from './service'
import type { Setting, Surroundings } from './surroundings'
import { wordList } from './text'
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
  /** what stands around the workloads, where the caller has looked */
  around?: Around
}

export interface Around extends Surroundings {
  /** platforms of the nodes that run the service; empty when it can't be told, or nobody minds */
  platforms: string[]
  /** the hub has one node only */
  oneNode: boolean
  images: ImagePair
  /** why a part of it could not be looked at, without a full stop */
  unlooked: string[]
  /** what whoever carries it out is not allowed: `patch statefulsets` */
  lacks?: readonly string[]
}

const again = 'Run refit scan and approve the new plan.'

/** The last look before the first write (law 3): names every problem at once, each with its next step. */
export function checkPreflight({ plan, service, candidateDigestNow, window, around }: PreflightInput): Preflight {
  if (!service)
    return {
      kind: 'refused',
      problems: [{ reason: `${serviceId(plan.service)} is not deployed any more`, next: 'Nothing to do.' }],
    }
  const looked = plan.workloads.map((planned) => workloadFound(planned, { plan, service, around }))
  const problems = [
    ...digestProblems(plan, candidateDigestNow),
    ...windowProblems(window),
    ...platformProblems(plan, around),
    ...rightsProblems(plan, around),
    ...looked.flatMap((found) => found.problems),
    ...unplannedProblems(plan, service),
  ]
  if (problems.length > 0) return { kind: 'refused', problems }
  return { kind: 'ok', warnings: [...unlookedWarnings(around), ...looked.flatMap(({ warnings }) => warnings)] }
}

/** One that isn't the planned one any more is looked at no further. */
function workloadFound(
  planned: PlannedWorkload,
  { plan, service, around }: { plan: Plan; service: Service; around: Around | undefined },
): Found {
  const now = service.workloads.find((each) => workloadId(each) === workloadId(planned))
  const changed = identityProblems(planned, now)
  if (changed || !now) return { problems: changed ?? [], warnings: [] }
  const setting = around?.settings.find(({ kind, name }) => kind === planned.kind && name === planned.name)
  const found = [
    { problems: stateProblems(now, plan, setting), warnings: ownerWarnings(plan, now, setting) },
    podsFound(now, setting, plan),
    ...(setting && around
      ? [roomFor(now, setting, plan, around.oneNode), imageContractFound(plan, setting, around.images)]
      : []),
  ]
  return { problems: found.flatMap(({ problems }) => problems), warnings: found.flatMap(({ warnings }) => warnings) }
}

/** The kubelets of other platforms would pull in vain. */
function platformProblems({ to }: Plan, around: Around | undefined): Problem[] {
  const has = around?.images.to?.platforms ?? []
  const missing = has.length === 0 ? [] : (around?.platforms.filter((node) => !runsOnAny(has, node)) ?? [])
  if (missing.length === 0) return []
  return [
    {
      reason: `${to.tag} has no image for ${wordList(missing)}, which the service's nodes need`,
      next: 'Build it for them, too, or write platforms: ignore in the policy.',
    },
  ]
}

/** Found before the first write: a way back that is not allowed would be found half way. */
function rightsProblems({ service }: Plan, around: Around | undefined): Problem[] {
  const lacks = around?.lacks ?? []
  if (lacks.length === 0) return []
  return [
    {
      reason: `the worker's account may not ${wordList(lacks)} in ${service.namespace}`,
      next: 'Grant it: refit permissions -o yaml prints the roles.',
    },
  ]
}

const unlookedWarnings = (around: Around | undefined): string[] => [
  ...(around?.unlooked ?? []),
  ...(around && around.unread.length > 0
    ? [`not looked at, for lack of rights: ${wordList(around.unread)} (refit permissions -o yaml prints the roles)`]
    : []),
]

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

function stateProblems(now: Workload, plan: Plan, setting: Setting | undefined): Problem[] {
  const { name, paused, generation, observedGeneration, revisionHistoryLimit } = now
  const problems = [...ownerProblems(plan, now, setting), ...olderProblems(now, setting, plan)]
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
  const capacity = capacityProblem(now, plan.policy)
  const canary = canaryProblem(now, plan.policy.rollout)
  return [...problems, ...(capacity ? [capacity] : []), ...(canary ? [canary] : [])]
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
