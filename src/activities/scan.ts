import { Context } from '@temporalio/activity'
import pLimit from 'p-limit'
import { policyFor, supportOf } from '../config'
import { scanAlerts } from '../domain/alerts'
import type { TagsRead } from '../domain/decide'
import type { Decision } from '../domain/decision'
import { sentenceOf } from '../domain/errors'
import type { Policy } from '../domain/policy'
import type { Service } from '../domain/service'
import type { QuarantineRow, ServiceKey, Store, UpgradeRow } from '../store/contracts'
import { upgradeWorkflowId } from '../workflows/messages'
import type { ScanSummary, UpgradeInput } from './contracts'
import { decideService, isRegistryError, lookUpsOf } from './decide-service'
import { enqueue } from './enqueue'
import type { Dependencies } from './dependencies'

/** Repositories read at once, over all registries. */
const readers = 8

/** Observes, decides, stores and alerts; says which upgrades to start. Nothing outside Refit's own store is written. */
export const scanHub =
  (deps: Dependencies) =>
  async ({ scanId }: { scanId: string }): Promise<ScanSummary> => {
    const { config, store, kubernetes } = deps
    const startedAt = new Date()
    const namespaces = [...new Set(config.policies.flatMap((policy) => policy.select.namespaces))]
    const services = await kubernetes.observeServices(namespaces, Context.current().cancellationSignal)
    const { open, orphans } = await readOpen(deps)
    const standing = {
      quarantine: await store.quarantine.list(),
      held: [...(await store.upgrades.listHeld()), ...orphans],
    }
    const read = tagReader(deps)
    const decisions = await Promise.all(services.map((service) => decideOne(deps, service, standing, read)))
    await store.decisions.saveAll(scanId, decisions)

    const unread = decisions.filter(
      ({ kind }) => kind === 'registry-error' || kind === 'unknown-image' || kind === 'suspicious',
    )
    const complete = unread.length === 0
    const summary = summaryOf(decisions)
    await store.scans.save({ id: scanId, startedAt, endedAt: new Date(), complete, summary })
    const news = { hub: config.hub, config, decisions, services, orphans, complete, scanId, now: Date.now() }
    for (const alert of scanAlerts(news)) await enqueue(deps, alert)
    await holdOrphans(store, orphans)
    // An upgrade that carries the very candidate needs no message: each would lengthen its history.
    const isUnderway = (decision: Decision): boolean =>
      open.some((each) => isOf(each, decision) && each.toDigest === decision.candidate?.digest)
    const start = decisions.flatMap((decision) => (isUnderway(decision) ? [] : startOf(decision)))
    return { complete, summary, start }
  }

/** The upgrade to start, where the policy lets Refit act on the decision. */
function startOf({ kind, mode, namespace, service, candidate }: Decision): UpgradeInput[] {
  return kind === 'candidate' && candidate && mode && mode !== 'watch' ? [{ namespace, service, candidate }] : []
}

const isOf = (row: ServiceKey, { namespace, service }: ServiceKey): boolean =>
  row.namespace === namespace && row.service === service

function summaryOf(decisions: Decision[]): string {
  const counts = new Map<string, number>()
  for (const { kind } of decisions) counts.set(kind, (counts.get(kind) ?? 0) + 1)
  return [...counts].map(([kind, count]) => `${count} ${kind}`).join(', ') || 'no services'
}

/** One read per repository and scan, however many services run it. */
function tagReader({ registry, store }: Dependencies): (repository: string) => Promise<TagsRead> {
  const limit = pLimit(readers)
  const reads = new Map<string, Promise<TagsRead>>()
  const readNow = async (repository: string): Promise<TagsRead> => {
    try {
      const [{ tags }, lastCount] = await Promise.all([
        registry.listTags(repository, Context.current().cancellationSignal),
        store.repositories.lastTagCount(repository),
      ])
      return { kind: 'list', tags, lastCount }
    } catch (error) {
      if (isRegistryError(error)) return { kind: 'error', code: error.code, message: sentenceOf(error) }
      throw error
    } finally {
      Context.current().heartbeat({ seen: `read ${repository}` })
    }
  }
  return (repository) => {
    const known = reads.get(repository) ?? limit(() => readNow(repository))
    reads.set(repository, known)
    return known
  }
}

interface Standing {
  quarantine: QuarantineRow[]
  held: UpgradeRow[]
}

async function decideOne(
  deps: Dependencies,
  service: Service,
  standing: Standing,
  read: (repository: string) => Promise<TagsRead>,
): Promise<Decision> {
  const { config, store } = deps
  const key = { namespace: service.namespace, service: service.name }
  const policy: Policy | undefined = policyFor(config, service.namespace, service.repository)
  const mine = (row: ServiceKey): boolean => isOf(row, key)
  const held = standing.held.find(mine)
  const tags: TagsRead = policy ? await read(service.repository) : { kind: 'list', tags: [] }
  const now = Date.now()
  const { step } = await decideService(lookUpsOf(deps, service, Context.current().cancellationSignal), {
    service,
    policy,
    tags,
    quarantined: standing.quarantine.filter(mine),
    ...(held ? { heldBy: `upgrade ${held.id} needs a person: ${held.message}` } : {}),
    ...supportOf(config, service.repository, now),
    marks: {},
    nodePlatforms: [],
    now,
  })
  if (step.trusted && tags.kind === 'list') await store.repositories.trust(service.repository, new Set(tags.tags).size)
  return step.decision
}

/** The upgrades under way, and those that the store says are open but that no workflow carries: they were terminated. */
async function readOpen({ store, workflows }: Dependencies): Promise<{ open: UpgradeRow[]; orphans: UpgradeRow[] }> {
  const open: UpgradeRow[] = []
  const orphans: UpgradeRow[] = []
  for (const listed of await store.upgrades.listOpen()) {
    const isOpen = await workflows.isOpen(upgradeWorkflowId(listed.namespace, listed.service))
    // Read again: it may have ended well between the two questions.
    const row = isOpen ? listed : await store.upgrades.read(listed.id)
    if (isOpen) open.push(listed)
    else if (row && row.outcome === null) orphans.push({ ...row, message: orphaned(row) })
  }
  return { open, orphans }
}

const orphaned = ({ phase, namespace, service }: UpgradeRow): string =>
  `its workflow was ended from outside in phase ${phase}; compare what runs with the plan, then refit resolve ${namespace}/${service}`

/** Held only after the page is in the outbox: the other way round, a crash in between would lose it. */
async function holdOrphans(store: Store, orphans: UpgradeRow[]): Promise<void> {
  for (const { id, phase, message } of orphans)
    await store.upgrades.record({ upgradeId: id, key: 'orphaned', phase, kind: 'ended', outcome: 'held', message })
}
