import { parseImage } from './image'
import type { Strategy } from './policy'
import type { Service } from './service'
import { isPlaced, orderOf, type Placed } from './tag-order'
import { whyNot } from './tag-policy'
import { wordList } from './text'

/** What runs of a service, by the templates of its application containers. */
export interface Running {
  /** the lowest tag; empty when no application container has one */
  tag: string
  /** every tag that some application container runs, lowest first */
  tags: string[]
  /** why the tag can't be compared; absent when it can */
  problem?: string
  /** what the pods report when they agree; for strategy `digest` what the templates are pinned to, if they all are */
  digest?: string
}

/**
 * The running version of a service is that of its application containers: a migrating init container may have been kept
 * new by a rollback. Where they differ the lowest in the strategy's order counts, so that a half-done change is finished
 * rather than forgotten.
 */
export function runningOf(service: Service, strategy: Strategy): Running {
  const images = service.workloads.flatMap(({ containers }) =>
    containers.filter(({ init }) => !init).map(({ image }) => ({ image, parsed: parseImage(image) })),
  )
  const digest = digestOf(service, strategy === 'digest' ? images.map(({ parsed }) => parsed?.digest) : [])
  const none = { tag: '', tags: [], ...digest }
  if (images.length === 0) return { ...none, problem: `no application container runs ${service.repository}` }
  const untagged = images.find(({ parsed }) => parsed?.tag === undefined)
  if (untagged) return { ...none, problem: `${untagged.image} names no tag` }
  const tags = [...new Set(images.map(({ parsed }) => parsed?.tag as string))].sort()
  return { ...digest, ...lowestOf(tags, strategy) }
}

function lowestOf(tags: string[], strategy: Strategy): Omit<Running, 'digest'> {
  if (strategy === 'digest' && tags.length > 1)
    return {
      tag: tags[0] as string,
      tags,
      problem: `its workloads run ${wordList(tags)}, and strategy digest follows one tag`,
    }
  const order = orderOf(strategy)
  const placed: Placed[] = []
  for (const tag of tags) {
    const read = order.read(tag)
    if (!isPlaced(read)) return { tag, tags, problem: `the running tag ${tag} ${whyNot(read)}` }
    placed.push(read)
  }
  const sorted = placed.sort((a, b) => order.compare(a, b)).map(({ tag }) => tag)
  return { tag: sorted[0] as string, tags: sorted }
}

function digestOf({ runningDigests }: Service, pinned: readonly (string | undefined)[]): { digest?: string } {
  const digests = pinned.length > 0 && !pinned.includes(undefined) ? pinned : runningDigests
  const [digest, ...others] = new Set(digests)
  return digest !== undefined && others.length === 0 ? { digest } : {}
}
