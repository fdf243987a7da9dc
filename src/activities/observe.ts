import { Context } from '@temporalio/activity'
import { policyFor, watchedNamespaces } from '../config'
import type { EventKind } from '../domain/event'
import { parseImage } from '../domain/image'
import { orphanAlert } from '../domain/orphan-alert'
import type { Service } from '../domain/service'
import type { ScanBatch, UpgradeRow } from '../store/contracts'
import { upgradeWorkflowId } from '../domain/temporal-names'
import { withHeartbeat } from './beat'
import type { Observed, ScanScope } from './contracts'
import type { Dependencies } from './dependencies'
import { freeHolds } from './free-holds'
import { holdOrphanedData } from './data-orphans'
import { holdOrphanedReleases } from './release-orphans'
import { addressed } from './enqueue'

/** Repositories of one batch: large enough that Temporal costs nothing beside the registry, small enough to be done again. */
const repositoriesPerBatch = 500

/**
 * Looks at the cluster once and keeps what it saw in batches per registry host, so that a slow host delays no other.
 * Upgrades that lost their workflow are held first. Run again it keeps the same batches anew.
 */
export const observe =
  (deps: Dependencies) =>
  ({ scanId, only }: ScanScope): Promise<Observed> =>
    withHeartbeat(
      () => 'observing',
      async () => {
        const { config, store, kubernetes } = deps
        const startedAt = await store.scans.now()
        const [services, platforms] = await Promise.all([
          kubernetes.observeServices(watchedNamespaces(config), Context.current().cancellationSignal),
          kubernetes.nodePlatforms(),
          holdOrphans(deps),
          holdOrphanedReleases(deps),
          holdOrphanedData(deps),
        ])
        await freeHolds(deps, services)
        const wanted = only === undefined ? services : services.filter(({ repository }) => only.includes(repository))
        const platformsOf = ({ nodes }: Service): string[] =>
          [...new Set(nodes.flatMap((node) => platforms?.[node] ?? []))].sort()
        const batches = batchesOf(config, wanted, platformsOf)
        await store.batches.save(scanId, batches)
        return {
          startedAt: startedAt.getTime(),
          batches: batches.map(({ position, host, services: batch }) => ({
            ...{ position, host },
            repositories: new Set(batch.map(({ service }) => service.repository)).size,
          })),
        }
      },
    )

/** Services by registry host; those of one repository stay together, so that it is asked once. */
function batchesOf(
  config: Dependencies['config'],
  services: readonly Service[],
  platformsOf: (service: Service) => string[],
): ScanBatch[] {
  const hosts = new Map<string, Map<string, ScanBatch['services']>>()
  for (const service of services) {
    const watched = policyFor(config, service.namespace, service.repository) !== undefined
    const host = watched ? (parseImage(service.repository)?.registry ?? '') : ''
    const repositories = hosts.get(host) ?? new Map<string, ScanBatch['services']>()
    hosts.set(host, repositories)
    repositories.set(service.repository, [
      ...(repositories.get(service.repository) ?? []),
      { service, platforms: platformsOf(service) },
    ])
  }
  return [...hosts]
    .flatMap(([host, repositories]) =>
      chunks([...repositories.values()], repositoriesPerBatch).map((each) => ({ host, services: each.flat() })),
    )
    .map((batch, position) => ({ position, ...batch }))
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  const result: T[][] = []
  for (let start = 0; start < items.length; start += size) result.push(items.slice(start, start + size))
  return result
}

/** Upgrades that the store says are open but that no workflow carries: they were terminated. Held and paged in one. */
async function holdOrphans(deps: Dependencies): Promise<void> {
  const { store, config } = deps
  for (const orphan of await orphansIn(deps)) {
    const { id, phase } = orphan
    const ended = {
      phase,
      kind: 'ended',
      outcome: 'held',
      heldReason: 'orphaned',
      message: orphanWords(orphan),
    } as const
    // A resumed one may lose its workflow again, which is news again.
    const resumed = (await store.upgrades.events(id)).filter(({ kind }) => kind === ('reopened' satisfies EventKind))
    const times = resumed.length > 0 ? `/${resumed.length}` : ''
    const alert = orphanAlert(config.hub, orphan)
    const tell = addressed(deps, { ...alert, key: `${alert.key}${times}` })
    await store.upgrades.record({ upgradeId: id, key: `orphaned${times}`, ...ended, tell })
  }
}

async function orphansIn({ store, workflows }: Dependencies): Promise<UpgradeRow[]> {
  const orphans: UpgradeRow[] = []
  const open = await store.upgrades.listOpen()
  // Thousands may wait: only what the list lacks, which is a moment late, is asked about by itself.
  const listed = open.length > 0 ? await workflows.listed('upgrade') : new Set<string>()
  for (const { id, namespace, service } of open) {
    const workflowId = upgradeWorkflowId(namespace, service)
    if (listed.has(workflowId) || (await workflows.isOpen(workflowId))) continue
    // Read again: it may have ended well between the two questions.
    const row = await store.upgrades.read(id)
    if (row && row.outcome === null) orphans.push(row)
  }
  return orphans
}

const orphanWords = ({ phase, namespace, service }: UpgradeRow): string =>
  `its workflow was ended from outside in phase ${phase}; refit resume ${namespace}/${service} goes on from there, with --rollback it puts back what was done`
