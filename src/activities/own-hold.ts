import type { Kubernetes } from '../clients/contracts'
import { newOnes, withoutOwnHold } from '../domain/rollout-hold'

/** The cluster as this upgrade sees it: what it holds itself is nobody's change. */
export const beyondOwnHold = (kubernetes: Kubernetes, upgradeId: string): Kubernetes => ({
  ...kubernetes,
  observeRollout: async (...args) => withoutOwnHold(await kubernetes.observeRollout(...args), upgradeId),
})

/** The cluster in which nothing but the new pods of a rollout that stands still is wanted. */
export const newPodsAlone = (kubernetes: Kubernetes, upgradeId: string): Kubernetes => ({
  ...kubernetes,
  observeRollout: async (...args) => newOnes(await kubernetes.observeRollout(...args), upgradeId),
})
