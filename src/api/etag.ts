import { createHash } from 'node:crypto'
import { RefitError } from '../domain/errors'
import type { UpgradeRow } from '../operations/upgrades'

/**
 * What tells whether an upgrade still stands as somebody saw it: its plan, its phase, what it waits for. The same for an
 * upgrade and for the service whose newest it is, so that a vote can name either.
 */
export function etagOf(upgrade: UpgradeRow | null | undefined): string {
  const { id, planHash, phase, outcome, waitingFor, message } = upgrade ?? {}
  const state = JSON.stringify([id, planHash, phase, outcome, waitingFor, message])
  return `"${createHash('sha256').update(state).digest('hex').slice(0, 24)}"`
}

/** Throws VIEW_STALE where `If-Match` names another state; without the header nothing is compared. */
export function assertSeen(ifMatch: string | undefined, upgrade: UpgradeRow | null | undefined): void {
  if (ifMatch === undefined) return
  const seen = ifMatch.split(',').map((each) => each.trim())
  if (seen.includes(etagOf(upgrade)) || (seen.includes('*') && upgrade)) return
  throw new RefitError(
    'VIEW_STALE',
    'It has changed since you looked.',
    'Look again, and say it again if it still stands.',
  )
}
