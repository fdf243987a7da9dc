import type { Client } from '@temporalio/client'
import { connectTemporal } from '../../src/clients/temporal'
import type { Decision } from '../../src/domain/decision'
import { scan, type ScanResult } from '../../src/operations/scan'
import { type HubTemporal, hubTemporal } from '../../src/operations/temporal'
import { type RegistryProxy, registryProxy } from './registry-proxy'
import { deployment, openSimulatedHub, type SimulatedHub, until } from './simulated-hub'

/** A Deployment; its image is `hub/<name>` unless told otherwise. */
export interface Deployed {
  namespace: string
  name: string
  /** with its tag */
  image?: string
}

/** A simulated hub that scans only when it is told to, with registry hosts whose requests are known. */
export interface ScanHub extends SimulatedHub {
  hosts: RegistryProxy[]
  temporalOf: HubTemporal
  /** Deployments of images of that host, ready when it resolves */
  deployOn(host: RegistryProxy, deployed: Deployed[]): Promise<void>
  /** a whole scan, as `refit scan` runs one */
  scan(): Promise<NonNullable<ScanResult['result']>>
  decision(namespace: string, service: string): Promise<Decision>
  /** what each host is asked while this runs, sorted */
  asking(work: () => Promise<unknown>): Promise<string[][]>
  /** the tag alone; the manifest stays */
  deleteTag(name: string, tag: string): Promise<void>
}

/** Scans only when told to. The registries are on this machine, so they need no entry. */
export const scanConfig = (policies: string, more = ''): string => `hub: { name: test-hub, environment: test }
scan: { every: 300d }
policies:
${policies}
${more}`

export async function openScanHub(
  config: string,
  {
    hosts: count = 1,
    env = {},
    allRights = false,
  }: { hosts?: number; env?: NodeJS.ProcessEnv; allRights?: boolean } = {},
): Promise<ScanHub> {
  const hub = await openSimulatedHub(config, { allRights })
  Object.assign(hub.env, env)
  const registry = hub.stack.registry.host
  const hosts = await Promise.all(Array.from({ length: count }, () => registryProxy(registry)))
  const client: Client = await connectTemporal(hub.env)
  const temporalOf = hubTemporal(client)
  return {
    ...hub,
    hosts,
    temporalOf,
    async deployOn({ host }, deployed) {
      const items = deployed.flatMap(({ namespace, name, image = `hub/${name}:v1.0.0` }) => {
        return deployment(name, `${host}/${image}`, { namespace, replicas: 1 }).items
      })
      await hub.apply({ apiVersion: 'v1', kind: 'List', items })
      const namespaces = new Set(deployed.map(({ namespace }) => namespace))
      const ready = ['wait', 'deployment', '--all', '--for=condition=Available', '--timeout=60s']
      for (const namespace of namespaces) await hub.kubectl('-n', namespace, ...ready)
    },
    async scan() {
      // A worker that says it is ready may not have asked for work yet.
      await until(async () => (await temporalOf.workers()) > 0)
      const options = { wait: true, timeoutMs: 45_000, say: () => undefined }
      const { result } = await scan({ store: hub.store, temporal: temporalOf }, options)
      return result as NonNullable<ScanResult['result']>
    },
    async decision(namespace, service) {
      const decision = await hub.store.decisions.read({ namespace, service })
      if (!decision) throw new Error(`no scan has decided on ${namespace}/${service}`)
      return decision
    },
    async asking(work) {
      for (const host of hosts) host.forget()
      await work()
      return hosts.map((host) => [...host.asked()].sort())
    },
    async deleteTag(name, tag) {
      const { status } = await fetch(`http://${registry}/v2/hub/${name}/manifests/${tag}`, { method: 'DELETE' })
      if (status !== 202) throw new Error(`the registry answers ${status} to a deletion of ${name}:${tag}`)
    },
    async close() {
      await client.connection.close()
      await hub.close()
      for (const host of hosts) await host.close()
    },
  }
}
