import { bindMarks } from '../activities/bind-marks'
import { decideService, lookUpsOf, optionsOf } from '../activities/decide-service'
import { readList } from '../activities/read-list'
import { questionOf } from '../activities/question'
import { readRulings } from '../activities/rulings'
import { tagsHash } from '../activities/tags-hash'
import type { Kubernetes, Registry } from '../clients/contracts'
import { createPromotions } from '../clients/promotion'
import type { Config } from '../config'
import { withDigest } from '../domain/age'
import { agedTags } from '../domain/decide'
import type { Decision } from '../domain/decision'
import type { Service } from '../domain/service'
import type { Store } from '../store/contracts'

interface Deps {
  config: Config
  kubernetes: Pick<Kubernetes, 'nodePlatforms'>
  registry: Registry
  store: Pick<Store, 'repositories' | 'quarantine' | 'upgrades' | 'marks' | 'seen' | 'images'>
}

/** A scan's decision on one service from what registry and store say now, without keeping anything of it. */
export async function decideNow({ config, kubernetes, registry, store }: Deps, service: Service): Promise<Decision> {
  const { repository } = service
  const now = Date.now()
  const [rulings, known, nodes] = await Promise.all([
    readRulings(store),
    store.repositories.read([repository]),
    kubernetes.nodePlatforms(),
  ])
  const platforms = [...new Set(service.nodes.flatMap((node) => nodes?.[node] ?? []))].sort()
  const { input, rejected } = questionOf(config, rulings, { service, platforms }, now)
  const read = input.policy ? await readList(registry, [service], undefined) : ({ kind: 'unchanged' } as const)
  const before = known.get(repository)
  const tags =
    read.kind === 'error'
      ? read
      : {
          kind: 'list' as const,
          tags: read.kind === 'list' ? read.list.tags : [],
          ...(before?.hash ? { lastCount: before.tagCount } : {}),
        }
  const isAccepted = before?.accepted != null && read.kind === 'list' && before.accepted === tagsHash(read.list.tags)
  const keepsNothing = {
    seen: {
      noteDigest: (_: string, tag: string, digest: string) =>
        Promise.resolve(withDigest(Object.hasOwn(seen, tag) ? seen[tag] : undefined, digest, now)),
    },
    images: { ...store.images, save: () => Promise.resolve() },
  }
  const { marks } = await bindMarks(input.marks, tags, {
    digestOf: (tag) => registry.digestOf(repository, tag, optionsOf(service)),
    bind: (_, digest) => Promise.resolve(digest),
  })
  const asked = { ...input, marks, tags, accepted: isAccepted, acceptedMissing: before?.acceptedMissing ?? [], now }
  const seen = await store.seen.read(repository, agedTags(asked))
  const asking = { rejected, policy: input.policy, now }
  const promotions = createPromotions(config.hubs)
  const { step } = await decideService(
    lookUpsOf({ registry, store: keepsNothing, promotions }, service, asking),
    asked,
    {
      seen,
      digests: {},
      images: {},
      rejected: {},
    },
  ).finally(() => promotions.close())
  return step.decision
}
