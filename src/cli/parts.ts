import { existsSync } from 'node:fs'
import type { Kubernetes, Notifier, Registry } from '../clients/contracts'
import type { Promotions } from '../clients/promotion'
import type { Config } from '../config'
import { createOpened } from '../opened'
import type { HubTemporal } from '../operations/temporal'
import type { Store } from '../store/contracts'
import { tracing } from '../tracing'
import { assertInProfile } from './hub-environment'
import { load } from './lazy'

/** What commands act through. Each is opened when it is first asked for, and once. */
export interface Parts {
  config(): Promise<Config>
  store(): Promise<Store>
  temporal(): Promise<HubTemporal>
  kubernetes(): Promise<Kubernetes>
  registry(): Promise<Registry>
  notifiers(): Promise<Notifier[]>
  /** other hubs, which policies with `promote` ask */
  promotions(): Promise<Promotions>
  /** closes what was opened */
  close(): Promise<void>
}

/** The real parts, from refit.yaml and the environment. */
export function openParts({ env, configFile }: { env: NodeJS.ProcessEnv; configFile: string }): Parts {
  // The answer is already printed; what can't be closed must not turn it into a failure.
  const { opens, closeAll } = createOpened(() => undefined)
  const config = once(() => {
    assertInProfile(env, 'REFIT_CONFIG', 'config')
    return load.config().loadConfig({ file: configFile, env })
  })
  const kubernetes = once(() => {
    if (!env.KUBERNETES_SERVICE_HOST) assertInProfile(env, 'REFIT_KUBECONFIG', 'kubeconfig')
    const kubeconfig = env.REFIT_KUBECONFIG?.trim() || undefined
    const client = tracing().around('kubernetes', load.kubernetes().createKubernetes({ kubeconfig }))
    return opens(client, (each) => each.close())
  })
  const store = once(() => {
    assertInProfile(env, 'DATABASE_URL', 'databaseUrl')
    return opens(load.store().createStore(load.environment().environmentOf(env).databaseUrl), (each) => each.close())
  })
  return {
    config,
    store,
    temporal: once(async () => {
      assertInProfile(env, 'TEMPORAL_PROFILE', 'temporalProfile')
      const client = opens(await load.temporal().connectTemporal(env), ({ connection }) => connection.close())
      return load.hubTemporal().hubTemporal(client)
    }),
    kubernetes,
    registry: once(async () => {
      const { createRegistry, hostLimits } = load.registry()
      // Registries can be read without a database, and without a refit.yaml: a policy is tried before there is one.
      const shared = await store().catch(() => undefined)
      const registry = createRegistry({
        registries: existsSync(configFile) ? (await config()).registries : [],
        limits: hostLimits(shared?.registryHosts),
        secrets: { dockerConfig: async (namespace, name) => (await kubernetes()).dockerConfigSecret(namespace, name) },
        environment: env,
      })
      return opens(tracing().around('registry', registry), (each) => each.close())
    }),
    notifiers: once(async () => {
      const { slackMessages: messages } = await store()
      const { slackApiUrl } = load.environment().environmentOf(env)
      return load.notifiers().createNotifiers(await config(), { messages, slackApiUrl })
    }),
    promotions: once(async () =>
      opens(load.promotion().createPromotions((await config()).hubs), (each) => each.close()),
    ),
    close: closeAll,
  }
}

function once<T>(open: () => T | Promise<T>): () => Promise<T> {
  let opening: Promise<T> | undefined
  return () => (opening ??= Promise.resolve().then(open))
}
