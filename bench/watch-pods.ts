import { setTimeout as sleep } from 'node:timers/promises'
import { createKubernetes } from '../src/clients/kubernetes'
import type { WorkloadRef } from '../src/clients/contracts'
import type { RolloutObservation } from '../src/domain/rollout'
import { type BenchHub, namespace } from './hub'

const everyMs = 50
const withinMs = 240_000

/** Looks at one Deployment every 50 ms, as an operator's watcher would; the same for both sides of a bench. */
export async function watcherOf({ stack, kubectl }: BenchHub, name: string) {
  const kubernetes = createKubernetes({ kubeconfig: stack.kubernetes.kubeconfig })
  const uid = await kubectl('get', `deployment/${name}`, '-o', 'jsonpath={.metadata.uid}')
  const workload: WorkloadRef = { kind: 'Deployment', name, uid }
  return {
    /** When it first was so, epoch ms. */
    async since(what: string, isSo: (seen: RolloutObservation) => boolean): Promise<number> {
      for (const deadline = Date.now() + withinMs; Date.now() < deadline; await sleep(everyMs))
        if (isSo(await kubernetes.observeRollout(namespace, workload))) return Date.now()
      throw new Error(`waited ${withinMs / 1000} s until ${name} ${what}`)
    },
    close: () => kubernetes.close(),
  }
}

/** Whether every pod is of the newest revision and none is left that ends. */
export const isSettled = ({ pods, desired }: RolloutObservation): boolean =>
  pods.length === desired && pods.every(({ isNew, ready, deleting }) => isNew && ready && !deleting)
