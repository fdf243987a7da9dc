import type { QuarantineRow, SecurityMark, ServiceKey, Store, UpgradeRow } from '../store/contracts'

/** What people and earlier upgrades said of the hub's services; read once for many decisions. */
export interface Rulings {
  quarantine: QuarantineRow[]
  held: UpgradeRow[]
  marks: SecurityMark[]
  rejected: (ServiceKey & { digest: string; reason: string })[]
}

export async function readRulings(store: Pick<Store, 'quarantine' | 'upgrades' | 'marks'>): Promise<Rulings> {
  const [quarantine, held, marks, rejected] = await Promise.all([
    store.quarantine.list(),
    store.upgrades.listHeld(),
    store.marks.list(),
    store.upgrades.listRejected(),
  ])
  return { quarantine, held, marks, rejected }
}
