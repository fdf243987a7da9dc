import { decideService, isRegistryError, lookUpsOf } from '../activities/decide-service'
import type { Registry } from '../clients/contracts'
import { policyFor, supportOf, type Config } from '../config'
import type { TagsRead } from '../domain/decide'
import type { Decision } from '../domain/decision'
import { sentenceOf } from '../domain/errors'
import type { Service } from '../domain/service'
import type { ServiceKey, Store } from '../store/contracts'

interface Deps {
  config: Pick<Config, 'policies' | 'supported' | 'billOfMaterials'>
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
  const now = Date.now()
  const { step } = await decideService(lookUpsOf({ registry, store }, service), {
    service,
    policy,
    tags,
    quarantined: quarantined.filter(mine),
    ...(upgrade ? { heldBy: `upgrade ${upgrade.id} needs a person: ${upgrade.message}` } : {}),
    ...supportOf(config, service.repository, now),
    marks: {},
    nodePlatforms: [],
    now,
  })
  return step.decision
}

async function readTags(registry: Registry, store: Deps['store'], repository: string): Promise<TagsRead> {
  try {
    const [{ tags }, lastCount] = await Promise.all([
      registry.listTags(repository),
      store.repositories.lastTagCount(repository),
    ])
    return { kind: 'list', tags, lastCount }
  } catch (error) {
    if (!isRegistryError(error)) throw error
    return { kind: 'error', code: error.code, message: sentenceOf(error) }
  }
}
