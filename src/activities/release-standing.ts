import type { ReleaseServiceRow } from '../store/contracts'
import type { UpgradeStanding } from './release-contracts'

/** How an upgrade of a release stands by the store; undefined while nobody can tell yet. */
export function standingOf(row: ReleaseServiceRow): UpgradeStanding | undefined {
  const { namespace, service, outcome, ready, message } = row
  if (outcome === null) return ready ? { kind: 'ready' } : undefined
  if (outcome === 'succeeded') return { kind: 'ready' }
  // Somebody brought it there meanwhile: it is what the release wants.
  if (outcome === 'up-to-date') return { kind: 'ready' }
  const words = `${namespace}/${service} ${row.to}: ${outcome} (${message})`
  return { kind: outcome === 'held' ? 'held' : 'failed', message: words }
}
