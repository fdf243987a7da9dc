import { allTags } from '../clients/all-tags'
import type { Registry } from '../clients/contracts'
import { policyFor, type Config } from '../config'
import { chooseCandidate, concludeDecision, type TagsRead } from '../domain/decide'
import type { Decision } from '../domain/decision'
import { RefitError, sentenceOf } from '../domain/errors'
import type { Service } from '../domain/service'
import type { ServiceKey, Store } from '../store/contracts'

interface Deps {
  config: Pick<Config, 'policies'>
  registry: Registry
  store: Pick<Store, 'repositories' | 'quarantine' | 'upgrades'>
}

/** A scan's verdict on one service, without keeping it. */
export async function decideNow({ config, registry, store }: Deps, service: Service): Promise<Decision> {
  const mine = (row: ServiceKey): boolean => row.namespace === service.namespace && row.service === service.name
  const [quarantined, held, tags] = await Promise.all([
    store.quarantine.list(),
    store.upgrades.listHeld(),
    readTags(registry, store, service.repository),
  ])
  const upgrade = held.find(mine)
  const policy = policyFor(config, service.namespace, service.repository)
  const pre = chooseCandidate({
    service,
    policy,
    tags,
    quarantined: quarantined.filter(mine),
    ...(upgrade ? { heldBy: `upgrade ${upgrade.id} needs a person: ${upgrade.message}` } : {}),
  })
  try {
    const [candidateDigest, runningTagDigest] = await Promise.all(
      [pre.wantedTag, pre.runningTag].map(async (tag) =>
        tag === undefined ? undefined : registry.digestOf(service.repository, tag),
      ),
    )
    const rejected = candidateDigest
      ? await store.upgrades.rejectedDigest({ namespace: service.namespace, service: service.name }, candidateDigest)
      : undefined
    return concludeDecision(pre, {
      candidateDigest,
      runningTagDigest,
      ...(rejected ? { rejected: rejected.message } : {}),
    })
  } catch (error) {
    if (!isRegistryError(error)) throw error
    return concludeDecision(pre, { error: sentenceOf(error) })
  }
}

async function readTags(registry: Registry, store: Deps['store'], repository: string): Promise<TagsRead> {
  try {
    const [{ tags }, lastCount] = await Promise.all([
      allTags(registry, repository),
      store.repositories.lastTagCount(repository),
    ])
    return { kind: 'list', tags, lastCount }
  } catch (error) {
    if (!isRegistryError(error)) throw error
    return { kind: 'error', code: error.code, message: sentenceOf(error) }
  }
}

const isRegistryError = (error: unknown): error is RefitError =>
  error instanceof RefitError && error.code.startsWith('REGISTRY_')
