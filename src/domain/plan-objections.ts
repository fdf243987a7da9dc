import type { Candidate } from './decision'
import { isDigest, parseImage } from './image'
import type { Strategy } from './policy'
import type { Running } from './running'
import { serviceId, type Service, type ServiceContainer } from './service'
import { isPlaced, orderOf, type TagOrder } from './tag-order'

/** Why there is no plan, and what to do. */
export interface PlanRefusal {
  kind: 'refused'
  /** without a full stop */
  reason: string
  /** a sentence */
  next: string
}

export const refused = (reason: string, next: string): PlanRefusal => ({ kind: 'refused', reason, next })

/** What to do when the running tag can't be compared. */
export const nextFor = (strategy: Strategy): string =>
  typeof strategy === 'object' && 'filter' in strategy
    ? 'Give its application containers a tag that the filter of the policy matches.'
    : 'Give its application containers a version tag.'

/** Law 1 once more, here where the plan is made: never backwards, never a tag without its digest. */
export function planObjection(
  service: Service,
  running: Running,
  { tag, digest }: Candidate,
  strategy: Strategy,
): PlanRefusal | undefined {
  if (!isDigest(digest)) return refused(`${tag} has no usable digest (${digest})`, 'Run refit scan again.')
  if (strategy === 'digest') return digestObjection(service, running, { tag, digest })
  const order = orderOf(strategy)
  const [from, to] = [order.read(running.tag), order.read(tag)]
  if (!isPlaced(to))
    return refused(
      to.verdict === 'filtered' ? `${tag} is not matched by the filter of the policy` : `${tag} is not a version`,
      'Name a version tag.',
    )
  if (isPlaced(from) && order.compare(to, from) <= 0)
    return refused(`${serviceId(service)} runs ${running.tag}, and ${tag} is not newer`, 'Nothing to do.')
  return undefined
}

/** A moving tag has only digests to go by: without the running one nothing could be put back (law 4). */
function digestObjection(service: Service, running: Running, { tag, digest }: Candidate): PlanRefusal | undefined {
  const id = serviceId(service)
  if (running.problem) return undefined
  if (tag !== running.tag)
    return refused(`${id} runs ${running.tag}, and strategy digest stays on it`, 'Change the tag in its workloads.')
  if (running.digest === undefined)
    return refused(
      `nobody can tell which digest of ${tag} runs, so nothing could be put back`,
      'Wait until all its pods run one image, or pin the digest in its workloads.',
    )
  return digest === running.digest ? refused(`${id} already runs ${tag}@${digest}`, 'Nothing to do.') : undefined
}

/** Law 1 for each workload: one that somebody moved past the candidate is not taken back to it. */
export function aheadOf({ workloads }: Service, tag: string, order: TagOrder): PlanRefusal | undefined {
  const ahead = workloads.find(({ containers }) => containers.some((each) => !each.init && isNewer(each, tag, order)))
  if (!ahead) return undefined
  return refused(
    `${ahead.name} already runs something newer than ${tag}`,
    'Bring the workloads of the service to one version first.',
  )
}

/** Whether a container runs something newer than the offered tag, in the strategy's order. */
export function isNewer({ image }: ServiceContainer, tag: string, order: TagOrder): boolean {
  const [runs, offered] = [order.read(parseImage(image)?.tag ?? ''), order.read(tag)]
  return isPlaced(runs) && isPlaced(offered) && order.compare(runs, offered) > 0
}
