import type { Dependencies } from './dependencies'
import { policyFor } from '../config'
import { RefitError } from '../domain/errors'
import { holdAlert, type HoldEnd } from '../domain/hold-alert'
import type { Service, Workload } from '../domain/service'
import { enqueue } from './enqueue'

interface Held {
  service: Service
  workload: Workload
  upgradeId: string
}

/**
 * Looks at every rollout that stands still by Refit's own mark. What an open upgrade holds is its own affair; what one
 * holds that ended and needs nobody any more goes on; the rest is left for a person, who is told once.
 */
export async function freeHolds(deps: Dependencies, services: readonly Service[]): Promise<void> {
  for (const held of heldIn(services)) {
    const { service, workload, upgradeId } = held
    const end = await endOf(deps, held)
    if (!end) continue
    const left = { namespace: service.namespace, service: service.name, workload, upgradeId }
    await enqueue(deps, holdAlert(deps.config.hub, left, end))
  }
}

/** Each workload once: its containers may be of several services. */
function heldIn(services: readonly Service[]): Held[] {
  const held = new Map<string, Held>()
  for (const service of services)
    for (const workload of service.workloads)
      if (workload.pausedBy !== undefined && !held.has(workload.uid))
        held.set(workload.uid, { service, workload, upgradeId: workload.pausedBy })
  return [...held.values()]
}

/** Undefined where there is nothing to tell: it is still watched, or no longer held. */
async function endOf(deps: Dependencies, { service, workload, upgradeId }: Held): Promise<HoldEnd | undefined> {
  const { store, kubernetes, config } = deps
  const upgrade = await store.upgrades.read(upgradeId)
  if (!upgrade) return { kind: 'left', because: 'this Refit knows no such upgrade' }
  if (upgrade.outcome === null) return undefined
  // From the same row: one that is resolved, or ended otherwise, is never reopened.
  if (upgrade.outcome === 'held' && !upgrade.resolvedAt)
    return { kind: 'left', because: `it is held (${upgrade.message}) and not resolved yet` }
  const mode = policyFor(config, service.namespace, service.repository)?.mode ?? 'watch'
  if (mode === 'watch') return { kind: 'left', because: 'the upgrade has ended, and the policy lets Refit only watch' }
  try {
    const { changed } = await kubernetes.patchImages(service.namespace, workload, [], { release: upgradeId })
    return changed ? { kind: 'let-go' } : undefined
  } catch (error) {
    if (!(error instanceof RefitError)) throw error
    if (error.retryable) {
      deps.logger.warn({ workload: workload.name, upgradeId, error: error.message }, 'the next scan lets it go on')
      return undefined
    }
    return error.code === 'KUBERNETES_NOT_FOUND' ? undefined : { kind: 'left', because: error.message }
  }
}
