import { parseImage } from './image'
import type { Service } from './service'
import { compareVersions, parseVersion, type Version } from './version'

/** What runs of a service, by the templates of its application containers. */
export interface Running {
  /** the lowest tag; empty when no application container has one */
  tag: string
  /** every tag that some application container runs, lowest first */
  tags: string[]
  /** why the tag can't be compared; absent when it can */
  problem?: string
  /** what the pods report, when they agree */
  digest?: string
}

/**
 * The running version of a service is that of its application containers: a migrating init container may have been kept
 * new by a rollback. Where they differ the lowest counts, so that a half-done change is finished rather than forgotten.
 */
export function runningOf(service: Service): Running {
  const images = service.workloads.flatMap(({ containers }) =>
    containers.filter(({ init }) => !init).map(({ image }) => image),
  )
  const digest = service.runningDigests.length === 1 ? { digest: service.runningDigests[0] as string } : {}
  const none = { tag: '', tags: [], ...digest }
  if (images.length === 0) return { ...none, problem: `no application container runs ${service.repository}` }
  const tags = new Set<string>()
  for (const image of images) {
    const tag = parseImage(image)?.tag
    if (tag === undefined) return { ...none, problem: `${image} names no tag` }
    tags.add(tag)
  }
  const unread = [...tags].find((tag) => parseVersion(tag) === undefined)
  if (unread !== undefined)
    return { tag: unread, tags: [...tags].sort(), ...digest, problem: `the running tag ${unread} is not a version` }
  const sorted = [...tags].sort((a, b) => compareVersions(parseVersion(a) as Version, parseVersion(b) as Version))
  return { tag: sorted[0] as string, tags: sorted, ...digest }
}
