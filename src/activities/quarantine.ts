import type { UpgradeKey } from './contracts'
import type { Dependencies } from './dependencies'

/** A digest that failed is not offered again until a person lifts it. */
export const quarantine =
  ({ store }: Dependencies) =>
  async ({ upgradeId, planHash, reason }: UpgradeKey & { reason: string }): Promise<void> => {
    const { service, to } = await store.plans.read(planHash)
    await store.quarantine.add({
      namespace: service.namespace,
      service: service.name,
      digest: to.digest,
      tag: to.tag,
      reason,
      upgradeId,
    })
  }
