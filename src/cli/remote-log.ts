import type { RefitApi } from '../clients/refit-api'
import { findService } from '../operations/lookup'
import { entriesOf, isUpgradeId, type JobLog, neverUpgraded, type UpgradeLog } from '../operations/logs'
import type { UpgradeEvent, UpgradeRow } from '../store/contracts'
import { remoteDetail, remoteStatus, withDates } from './remote-voting'

/** The id of an upgrade, or of the newest one of a service, as a Refit elsewhere knows it. */
export async function remoteUpgradeId(api: RefitApi, text: string): Promise<string> {
  if (isUpgradeId(text)) return text
  const key = findService((await remoteStatus(api)).services, text)
  const { latest } = await remoteDetail(api, key)
  if (latest) return latest.id
  throw neverUpgraded(key)
}

/** `refit logs` of a Refit elsewhere. */
export async function remoteLog(api: RefitApi, id: string): Promise<UpgradeLog> {
  const path = `/api/v1/upgrades/${encodeURIComponent(id)}`
  const [found, written] = await Promise.all([api.get(path), api.get(`${path}/logs`)])
  const { upgrade, events } = withDates(found) as { upgrade: UpgradeRow; events: UpgradeEvent[] }
  const { logs } = withDates(written) as { logs: JobLog[] }
  return { upgrade, entries: entriesOf(events, logs) }
}
