import semver from 'semver'
import { parseImage } from './image'
import type { Strategy } from './policy'
import type { RolloutObservation } from './rollout'
import { serviceId, type Service } from './service'
import { isPlaced, orderOf } from './tag-order'
import { parseVersion, type Version } from './version'

/** A service that uses a schema, and what its versions must be before the old shape may go. */
export interface SchemaUser {
  /** namespace/name */
  service: string
  /** a semver range, or what the service must run or be newer than */
  past: { range: string } | { from: string; digest: string; strategy: Strategy }
}

/** What runs of a user. */
export interface UserSeen {
  /** undefined: it isn't deployed */
  service: Service | undefined
  /** by the name of the workload; one that is missing could not be read */
  rollouts: Readonly<Record<string, RolloutObservation>>
  /** an upgrade of it that may still go back: the tag that it would go back to */
  goesBackTo?: string
}

/**
 * Why a user of the schema is not past a contract yet, in words; undefined when it is. Every application container of
 * every workload counts, and every pod: what can't be read or understood is not past (init containers don't serve).
 */
export function notPast(user: SchemaUser, seen: UserSeen): string | undefined {
  const { service, rollouts, goesBackTo } = seen
  if (!service) return undefined
  const id = serviceId(service)
  for (const { name, containers } of service.workloads) {
    for (const { image, init } of containers) {
      if (init) continue
      const { tag, digest } = parseImage(image) ?? {}
      const why = whyNotPast(user, tag, digest)
      if (why) return `${id} (${name} runs ${why})`
    }
    if (containers.every(({ init }) => init)) continue
    const rollout = rollouts[name]
    if (!rollout) return `${id} (the pods of ${name} can't be read)`
    if (rollout.observedGeneration < rollout.generation || rollout.pods.some(({ isNew }) => !isNew))
      return `${id} (${name} still has pods of an earlier version)`
  }
  if (goesBackTo !== undefined && whyNotPast(user, goesBackTo))
    return `${id} (its upgrade under way may still put ${goesBackTo} back)`
  return undefined
}

/** The tag and why it isn't past; undefined when it is. */
export function whyNotPast({ past }: SchemaUser, tag: string | undefined, digest?: string): string | undefined {
  if (tag === undefined) return 'an image without a tag'
  if ('range' in past) {
    const version = parseVersion(tag)
    if (!version) return `${tag}, which is no version`
    return isInRange(version, past.range) ? undefined : `${tag}, needed is ${past.range}`
  }
  if (past.strategy === 'digest' && digest !== undefined)
    return digest === past.digest ? undefined : `another build of ${tag}`
  if (tag === past.from) return undefined
  const order = orderOf(past.strategy)
  const [runs, least] = [order.read(tag), order.read(past.from)]
  const isPast = isPlaced(runs) && isPlaced(least) && order.compare(runs, least) > 0
  return isPast ? undefined : `${tag}, needed is ${past.from} or newer`
}

/** A pre-release comes before its release: it may still need what the release can do without. */
const isInRange = ({ numbers: [major = 0, minor = 0, bugfix = 0], channel }: Version, range: string): boolean =>
  semver.satisfies(`${major}.${minor}.${bugfix}${channel ? `-${channel}` : ''}`, range, { includePrerelease: true })
