import { Context } from '@temporalio/activity'
import pLimit from 'p-limit'
import { RefitError } from '../domain/errors'
import { serviceId } from '../domain/service'
import { withHeartbeat } from './beat'
import { decideRepository } from './decide-repository'
import type { Dependencies } from './dependencies'
import type { ObservedService } from './question'
import { readRulings } from './rulings'

/** Repositories read at once; a scan has two batches of a registry host under way. */
export const readers = 8

/**
 * Asks the repositories of one batch and decides on their services. Nothing outside Refit's own store is written, and
 * what is written may be written again. Returns how many repositories it asked.
 */
export const decideBatch =
  (deps: Dependencies) =>
  async ({ scanId, position }: { scanId: string; position: number }): Promise<number> => {
    const { store, registry, logger } = deps
    const batch = await store.batches.read(scanId, position)
    if (!batch)
      throw new RefitError(
        'INTERNAL',
        `Batch ${position} of scan ${scanId} is not in the store any more.`,
        'The next scan observes anew.',
      )
    const keys = batch.services.map(({ service }) => ({ namespace: service.namespace, service: service.name }))
    const groups = byRepository(batch.services)
    const [rulings, known, decisions] = await Promise.all([
      readRulings(store),
      store.repositories.read([...groups.keys()]),
      store.decisions.standing(keys),
    ])
    const limit = pLimit(readers)
    const signal = Context.current().cancellationSignal
    const before = registry.requests()[batch.host] ?? 0
    let done = 0
    const results = await withHeartbeat(
      () => ({ done, of: groups.size }),
      () =>
        Promise.all(
          [...groups].map(([repository, observed]) =>
            limit(async () => {
              signal.throwIfAborted()
              const earlier = { repository: known.get(repository), decisions }
              const result = await decideRepository(deps, observed, rulings, earlier, signal)
              done += 1
              return result
            }),
          ),
        ),
    )
    // First what is known of the lists: a decision that outlived it would later pass for one on a trusted list.
    await store.repositories.save(results.flatMap(({ read }) => read ?? []))
    await store.decisions.save(
      scanId,
      results.flatMap(({ changed }) => changed),
    )
    await store.decisions.confirm(
      scanId,
      results.flatMap(({ confirmed }) => confirmed),
    )
    const asked = results.filter(({ read }) => read).length
    const requests = (registry.requests()[batch.host] ?? 0) - before
    logger.info({ scanId, host: batch.host, repositories: asked, requests }, 'batch decided')
    return asked
  }

function byRepository(services: readonly ObservedService[]): Map<string, ObservedService[]> {
  const groups = new Map<string, ObservedService[]>()
  // In one order everywhere, so that two scans lock rows in the same one.
  const sorted = [...services].sort((a, b) => (serviceId(a.service) < serviceId(b.service) ? -1 : 1))
  for (const each of sorted) groups.set(each.service.repository, [...(groups.get(each.service.repository) ?? []), each])
  return groups
}
