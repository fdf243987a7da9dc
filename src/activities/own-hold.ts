import type { Kubernetes } from '../clients/contracts'
import type { RolloutObservation } from '../domain/rollout'
import { newOnes, withoutOwnHold } from '../domain/rollout-hold'

/** The cluster as this upgrade sees it: what it holds itself is nobody's change. */
export const beyondOwnHold = (kubernetes: Kubernetes, upgradeId: string): Kubernetes =>
  seenAs(kubernetes, (seen) => withoutOwnHold(seen, upgradeId))

/** The cluster in which nothing but the new pods of a rollout that stands still is wanted. */
export const newPodsAlone = (kubernetes: Kubernetes, upgradeId: string): Kubernetes =>
  seenAs(kubernetes, (seen) => newOnes(seen, upgradeId))

/** Whichever way it is looked at, directly or through watches. */
function seenAs(kubernetes: Kubernetes, change: (seen: RolloutObservation) => RolloutObservation): Kubernetes {
  return {
    ...kubernetes,
    observeRollout: async (...args) => change(await kubernetes.observeRollout(...args)),
    followRollout: (...args) => {
      const following = kubernetes.followRollout(...args)
      return {
        ...following,
        look: async (signal) => change(await following.look(signal)),
        lookDirectly: async (signal) => change(await following.lookDirectly(signal)),
      }
    },
  }
}
