import { createRegistry, hostLimits } from './clients/registry'
import type { Config } from './config'
import type { Opened } from './opened'
import type { Cluster } from './operations/cluster'
import type { Store } from './store/contracts'
import { tracing } from './tracing'

/** The cluster and its registries, traced where traces are on; `opens` closes them again. */
export function openHub(
  opens: Opened['opens'],
  createCluster: () => Cluster['kubernetes'],
  {
    config,
    store,
    env,
  }: {
    config: Pick<Config, 'registries'>
    store: Pick<Store, 'registryHosts'>
    env: NodeJS.ProcessEnv
  },
): Cluster {
  const traces = tracing()
  const kubernetes = opens(traces.around('kubernetes', createCluster()), (each) => each.close())
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
