import type { Diagnosis } from '../domain/diagnosis'
import { RefitError } from '../domain/errors'
import type { ServiceKey, Store, UpgradeEvent, UpgradeRow } from '../store/contracts'

/** What `refit history -o json` prints, newest first. */
export interface History {
  upgrades: UpgradeRow[]
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

/** The hub's upgrades, or one service's. */
export async function history(
  { store }: { store: Pick<Store, 'upgrades'> },
  { key, limit }: { key?: ServiceKey; limit: number },
): Promise<History> {
  return { upgrades: await store.upgrades.list({ ...key, limit }) }
}

/** Who did what in one upgrade, when. UPGRADE_UNKNOWN when there is none of that id. */
export async function upgradeStory(
  { store }: { store: Pick<Store, 'upgrades' | 'jobLogs' | 'diagnoses'> },
  { id, logs }: { id: string; logs: boolean },
): Promise<UpgradeStory> {
  const upgrade = await store.upgrades.read(id)
  if (!upgrade) throw new RefitError('UPGRADE_UNKNOWN', `There is no upgrade ${id}.`, 'refit history lists them.')
  const [events, diagnoses, kept] = await Promise.all([
    store.upgrades.events(id),
    store.diagnoses.list(id),
    logs ? store.jobLogs.list(id) : null,
  ])
  return { upgrade, events, diagnoses, logs: kept }
}
