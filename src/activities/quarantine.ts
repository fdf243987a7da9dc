import type { UpgradeKey } from './contracts'
import type { Dependencies } from './dependencies'

/** A digest that failed, or that a person rolled back from, is not offered again until a person lifts it. */
export const quarantine =
  ({ store }: Dependencies) =>
  async ({ upgradeId, planHash, reason }: UpgradeKey & { reason: string }): Promise<void> => {
    const { service, from, to, rollbackOf } = await store.plans.read(planHash)
    const bad = rollbackOf === undefined ? to : from
    if (bad.digest === null) return
    await store.quarantine.add({
      namespace: service.namespace,
      service: service.name,
      digest: bad.digest,
      tag: bad.tag,
      reason,
      upgradeId,
    })
  }
