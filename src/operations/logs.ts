import { RefitError } from '../domain/errors'
import { serviceId } from '../domain/service'
import type { ServiceKey, Store, UpgradeEvent, UpgradeRow } from '../store/contracts'
import { lookUp } from './lookup'
import { knownUpgrade } from './upgrades'

/** One thing that happened in an upgrade, or what a Job of it wrote. */
export type LogEntry =
  | { at: Date; kind: 'event'; phase: string; what: string; by: string | null; verified: boolean; message: string }
  | { at: Date; kind: 'job'; step: string; log: string }

/** What `refit logs -o json` prints. */
export interface UpgradeLog {
  upgrade: UpgradeRow
  /** oldest first */
  entries: LogEntry[]
}

export interface JobLog {
  step: string
  log: string
  at: Date
}

/** Everything that was recorded of one upgrade. UPGRADE_UNKNOWN when there is none of that id. */
export async function upgradeLog(
  { store }: { store: Pick<Store, 'upgrades' | 'jobLogs'> },
  id: string,
): Promise<UpgradeLog> {
  const upgrade = await knownUpgrade(store, id)
  const [events, logs] = await Promise.all([store.upgrades.events(id), store.jobLogs.list(id)])
  return { upgrade, entries: entriesOf(events, logs) }
}

/** The id of an upgrade itself, else that of the service's open or newest one. UPGRADE_UNKNOWN when it never had one. */
export async function upgradeIdOf(
  store: { upgrades: Pick<Store['upgrades'], 'list' | 'latest'>; decisions: Pick<Store['decisions'], 'list'> },
  text: string,
): Promise<string> {
  if (isUpgradeId(text)) return text
  const key = await lookUp(store, text)
  const latest = await store.upgrades.latest(key)
  if (latest) return latest.id
  throw neverUpgraded(key)
}

/** `<planHash>-<attempt>`; no service is called that. */
export const isUpgradeId = (text: string): boolean => /^[0-9a-f]{12}-\d+$/.test(text)

export function neverUpgraded({ namespace, service }: ServiceKey): RefitError {
  const id = serviceId({ namespace, name: service })
  return new RefitError('UPGRADE_UNKNOWN', `${id} has had no upgrade yet.`, `refit status ${id} says where it stands.`)
}

/** Events and what Jobs wrote, in the order in which they came. */
export function entriesOf(events: readonly Omit<UpgradeEvent, 'upgradeId'>[], logs: readonly JobLog[]): LogEntry[] {
  const said = events.map(({ at, phase, kind, by, verified, message }): LogEntry => {
    return { at, kind: 'event', phase, what: kind, by, verified, message }
  })
  const written = logs.map(({ at, step, log }): LogEntry => ({ at, kind: 'job', step, log }))
  return [...said, ...written].sort((a, b) => a.at.getTime() - b.at.getTime())
}
