import type { Diagnosis } from '../domain/diagnosis'
import type { ServiceKey, Store, UpgradeEvent, UpgradeFilter, UpgradeRow } from '../store/contracts'
import { knownUpgrade, upgradePage } from './upgrades'

/** What `refit history -o json` prints, newest first. */
export interface History {
  upgrades: UpgradeRow[]
  /** the cursor of the next part; null at the end */
  next: string | null
}

/** What `refit history --upgrade ID -o json` prints; `logs` only with --logs. */
export interface UpgradeStory {
  upgrade: UpgradeRow
  /** oldest first */
  events: UpgradeEvent[]
  /** what was seen of failures before they were undone, oldest first */
  diagnoses: Diagnosis[]
  logs: { step: string; log: string; at: Date }[] | null
}

/** The hub's upgrades, or one service's. USAGE for a cursor that is none. */
export const history = (
  { store }: { store: Pick<Store, 'upgradePages'> },
  { key, limit, cursor, ...filter }: UpgradeFilter & { key?: ServiceKey | undefined; limit: number; cursor?: string },
): Promise<History> => upgradePage({ store }, { ...filter, ...key }, { limit, cursor })

/** Who did what in one upgrade, when. UPGRADE_UNKNOWN when there is none of that id. */
export async function upgradeStory(
  { store }: { store: Pick<Store, 'upgrades' | 'jobLogs' | 'diagnoses'> },
  { id, logs }: { id: string; logs: boolean },
): Promise<UpgradeStory> {
  const upgrade = await knownUpgrade(store, id)
  const [events, diagnoses, kept] = await Promise.all([
    store.upgrades.events(id),
    store.diagnoses.list(id),
    logs ? store.jobLogs.list(id) : null,
  ])
  return { upgrade, events, diagnoses, logs: kept }
}
