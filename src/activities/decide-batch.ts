import { Context } from '@temporalio/activity'
import pLimit from 'p-limit'
import { RefitError } from '../domain/errors'
import { serviceId } from '../domain/service'
import { withHeartbeat } from './beat'
import type { KnownRepository } from '../store/contracts'
import { decideRepository, type RepositoryDecisions } from './decide-repository'
import type { Dependencies } from './dependencies'
import { keeperOf } from './keeper'
import type { ObservedService } from './question'
import { askedOncePerScan } from './promoted'
import { readRulings } from './rulings'
import { withinDeadline } from './within-deadline'

/** Repositories read at once; a scan has two batches of a registry host under way. */
export const readers = 8
/** For all that is asked of one repository, waiting for its turn included. */
const repositoryDeadlineMs = 120_000

/**
 * Asks the repositories of one batch and decides on their services. Nothing outside Refit's own store is written, and
 * what is written may be written again. Returns how many repositories it asked.
 */
export const decideBatch = (deps: Dependencies) => {
  const promotionsOf = askedOncePerScan(deps.promotions)
  return async ({ scanId, position }: { scanId: string; position: number }): Promise<number> => {
    const { store, registry } = deps
    const batch = await store.batches.read(scanId, position)
    if (!batch)
      throw new RefitError(
        'INTERNAL',
        `Batch ${position} of scan ${scanId} is not in the store any more.`,
        'The next scan observes anew.',
      )
    const keys = batch.services.map(({ service }) => ({ namespace: service.namespace, service: service.name }))
    const groups = byRepository(batch.services)
    const [readSince, rulings, known, decisions] = await Promise.all([
      store.scans.now(),
      readRulings(store),
      store.repositories.read([...groups.keys()]),
      store.decisions.inputsOf(keys),
    ])
    const keep = keeperOf(deps.store, { scanId, readSince })
    const decideOn = async ([repository, observed]: [string, ObservedService[]], signal: AbortSignal) => {
      const bounded = {
        ...deps,
        registry: withinDeadline(registry, repository, repositoryDeadlineMs),
        promotions: promotionsOf(scanId),
      }
      const before = { repository: known.get(repository), decisions }
      const decided = await decideRepository(bounded, observed, rulings, before, readSince.getTime(), signal)
      measureDetection(deps, decided, before.repository, readSince)
      await keep.add(decided)
    }
    await withHeartbeat(
      () => ({ done: keep.done, of: groups.size }),
      () => eachAtOnce([...groups], decideOn),
    )
    await keep.rest()
    return keep.asked
  }
}

/** A version that is offered for the first time came after the list was read before: so long it can have waited, at most. */
function measureDetection(
  { meter }: Dependencies,
  { read, changed }: RepositoryDecisions,
  known: KnownRepository | undefined,
  readSince: Date,
): void {
  if (!known?.readAt || !read?.list || !changed.some(({ decision }) => decision.candidate)) return
  meter?.detected((readSince.getTime() - known.readAt.getTime()) / 1_000)
}

/** Runs all, some at once. The first failure ends the others: nothing goes on behind an activity that has failed. */
async function eachAtOnce<T>(items: T[], run: (item: T, signal: AbortSignal) => Promise<void>): Promise<void> {
  const ending = new AbortController()
  const signal = AbortSignal.any([Context.current().cancellationSignal, ending.signal])
  const limit = pLimit(readers)
  const running = items.map((item) =>
    limit(async () => {
      signal.throwIfAborted()
      await run(item, signal)
    }),
  )
  try {
    await Promise.all(running)
  } catch (error) {
    ending.abort()
    await Promise.allSettled(running)
    throw error
  }
}

function byRepository(services: readonly ObservedService[]): Map<string, ObservedService[]> {
  const groups = new Map<string, ObservedService[]>()
  // In one order everywhere, so that two scans lock rows in the same one.
  const sorted = [...services].sort((a, b) => (serviceId(a.service) < serviceId(b.service) ? -1 : 1))
  for (const each of sorted) groups.set(each.service.repository, [...(groups.get(each.service.repository) ?? []), each])
  return groups
}
