import { createKubernetes } from './clients/kubernetes'
import { createRegistry, hostLimits } from './clients/registry'
import type { Config } from './config'
import { RefitError } from './domain/errors'
import { createOpened } from './opened'
import type { Cluster } from './operations/cluster'
import type { Store } from './store/contracts'
import { tracing } from './tracing'

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
  const open = (): Cluster => {
    const traces = tracing()
    const kubernetes = opens(traces.around('kubernetes', kubernetesOf(kubeconfig)), (each) => each.close())
    const registry = opens(
      traces.around(
        'registry',
        createRegistry({
          registries: config.registries,
          limits: hostLimits(store.registryHosts),
          secrets: { dockerConfig: (namespace, name) => kubernetes.dockerConfigSecret(namespace, name) },
          environment: env,
        }),
      ),
      (each) => each.close(),
    )
    return { kubernetes, registry }
  }
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
