import { createKubernetes } from './clients/kubernetes'
import type { Config } from './config'
import { RefitError } from './domain/errors'
import { openHub } from './hub-clients'
import { createOpened } from './opened'
import type { Cluster } from './operations/cluster'
import type { Store } from './store/contracts'

interface Parts {
  config: Pick<Config, 'registries'>
  store: Pick<Store, 'registryHosts'>
  kubeconfig: string | undefined
  env: NodeJS.ProcessEnv
}

/**
 * The hub itself, opened when it is first needed: what most people ask of a server needs no rights in the cluster.
 * KUBERNETES_FORBIDDEN where the server has none.
 */
export function lazyCluster(
  { config, store, kubeconfig, env }: Parts,
  failed: (error: unknown) => void,
): { open: () => Promise<Cluster>; close: () => Promise<void> } {
  const { opens, closeAll } = createOpened(failed)
  let cluster: Cluster | undefined
  const open = (): Cluster => openHub(opens, () => kubernetesOf(kubeconfig), { config, store, env })
  return { open: () => Promise.resolve().then(() => (cluster ??= open())), close: closeAll }
}

function kubernetesOf(kubeconfig: string | undefined): Cluster['kubernetes'] {
  try {
    return createKubernetes(kubeconfig ? { kubeconfig } : {})
  } catch (error) {
    throw new RefitError(
      'KUBERNETES_FORBIDDEN',
      'This server has no rights in the cluster.',
      'Say it with the CLI where the cluster can be reached, or give the server a kubeconfig (REFIT_KUBECONFIG).',
      { cause: error },
    )
  }
}
