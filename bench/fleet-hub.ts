/** A made-up hub of many services over simulated nodes: images, namespaces and Deployments. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import pLimit from 'p-limit'
import { push } from '../examples/hub/image/push'

export const releases = ['v1.0.0', 'v1.0.1'] as const
const servicesPerNamespace = 30
const container = 'app'

/** One Deployment, and the two images that it goes to and fro between. */
export interface FleetWorkload {
  namespace: string
  name: string
  container: string
  service: string
  old: string
  /** as Refit writes it: with tag and digest */
  next: string
}

/** Pushes both releases of each service; its Deployments are as equal in number as they can be. */
export async function fleetOf(
  registry: string,
  {
    deployments,
    services,
    replicas,
    folder,
  }: { deployments: number; services: number; replicas: number; folder: string },
): Promise<{ workloads: FleetWorkload[]; namespaces: string[]; file: string }> {
  const limit = pLimit(8)
  const next = await Promise.all(
    Array.from({ length: services }, (_, index) => limit(() => pushReleases(registry, repositoryOf(index)))),
  )
  const workloads = Array.from({ length: deployments }, (_, index) => {
    const service = index % services
    const image = `${registry}/${repositoryOf(service)}`
    return {
      namespace: `fleet-${Math.floor(service / servicesPerNamespace)}`,
      name: `s${service}-${Math.floor(index / services)}`,
      ...{ container, service: `s${service}`, old: `${image}:${releases[0]}` },
      next: `${image}:${releases[1]}@${next[service]}`,
    }
  })
  const namespaces = [...new Set(workloads.map(({ namespace }) => namespace))]
  const items = [
    ...namespaces.map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })),
    ...workloads.map((workload) => deploymentOf(workload, replicas)),
  ]
  const file = join(folder, 'fleet.json')
  await writeFile(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items }))
  return { workloads, namespaces, file }
}

const repositoryOf = (service: number): string => `fleet/s${service}`

async function pushReleases(registry: string, repository: string): Promise<string> {
  let digest = ''
  for (const tag of releases)
    digest = await push({
      ...{ registry, repository, tag, layers: [] },
      config: {
        ...{ architecture: 'amd64', os: 'linux', created: '2026-01-01T00:00:00Z' },
        config: { Labels: { 'org.opencontainers.image.version': tag } },
        rootfs: { type: 'layers', diff_ids: [] },
      },
    })
  return digest
}

const deploymentOf = ({ namespace, name, old }: FleetWorkload, replicas: number) => ({
  ...{ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, namespace } },
  spec: {
    replicas,
    selector: { matchLabels: { app: name } },
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
    template: {
      metadata: { labels: { app: name } },
      spec: {
        terminationGracePeriodSeconds: 1,
        containers: [
          {
            ...{ name: container, image: old },
            readinessProbe: { httpGet: { path: '/health', port: 3000 } },
            lifecycle: { preStop: { sleep: { seconds: 1 } } },
          },
        ],
      },
    },
  },
})
