import type { Kubernetes } from '../clients/contracts'
import { loweredBy } from '../domain/capacity'
import { RefitError } from '../domain/errors'
import { parseImage } from '../domain/image'
import { runningOf } from '../domain/running'
import { type Service, serviceId } from '../domain/service'
import { wordList } from '../domain/text'
import { parseVersion } from '../domain/version'

/** What `refit init -o json` prints. */
export interface Initial {
  text: string
  namespaces: string[]
  services: { namespace: string; service: string; repository: string; running: string[] }[]
}

/** Namespaces of the cluster itself, and Refit's own: services of a hub are elsewhere. */
const isSkipped = (name: string): boolean => /^(kube-.*|local-path-storage|refit|default)$/.test(name)

/**
 * A commented refit.yaml for what runs in these namespaces, or in all but those of the cluster itself and Refit's.
 * Everything is in mode `watch`. KUBERNETES_NOT_FOUND when nothing runs there.
 */
export async function initialConfig(
  kubernetes: Pick<Kubernetes, 'observeServices' | 'namespaces'>,
  { namespaces, hub, environment }: { namespaces?: readonly string[]; hub: string; environment: string },
): Promise<Initial> {
  const looked = namespaces ? [...namespaces] : (await kubernetes.namespaces()).filter((name) => !isSkipped(name))
  const services = await kubernetes.observeServices(looked)
  if (services.length === 0)
    throw new RefitError(
      'KUBERNETES_NOT_FOUND',
      `No workload runs in ${looked.length > 0 ? wordList(looked) : 'any namespace but those of the cluster itself'}.`,
      'Name the namespaces of the hub: refit init --namespace hub.',
    )
  return {
    text: textOf(services, { hub, environment }),
    namespaces: [...new Set(services.map(({ namespace }) => namespace))],
    services: services.map((service) => ({
      ...{ namespace: service.namespace, service: service.name, repository: service.repository },
      running: tagsOf(service),
    })),
  }
}

function textOf(services: readonly Service[], { hub, environment }: { hub: string; environment: string }): string {
  const namespaces = [...new Set(services.map(({ namespace }) => namespace))]
  return [
    `# refit.yaml, written by refit init from what runs. Every key is explained in refit.example.yaml.`,
    `# Check it after a change: refit config check`,
    `hub: { name: ${quoted(hub)}, environment: ${quoted(environment)} }`,
    '',
    ...registryLines(services),
    `# The first policy that selects a service decides. Mode watch looks and tells, and writes nothing to the cluster;`,
    `# with mode approve Refit upgrades after a person's yes, with automatic by itself.`,
    `policies:`,
    ...namespaces.flatMap((namespace) => policyLines(services.filter((each) => each.namespace === namespace))),
    `# Who is told; without an entry only refit status and the Temporal Web UI know.`,
    `# alerts:`,
    `#   - slack: "\${SLACK_WEBHOOK_URL}"`,
    '',
  ].join('\n')
}

/** A registry over https, or of this machine, needs no entry; one that pods read with pull secrets does. */
function registryLines(services: readonly Service[]): string[] {
  const hosts = new Map<string, Service[]>()
  for (const service of services) {
    const host = parseImage(service.repository)?.registry ?? 'docker.io'
    hosts.set(host, [...(hosts.get(host) ?? []), service])
  }
  const entries = [...hosts].flatMap(([host, users]): string[] => {
    const secrets = users.some(({ pullSecrets }) => pullSecrets.length > 0)
    return secrets
      ? [
          `  - host: ${quoted(host)}`,
          `    auth: imagePullSecrets # those of the pods; needs the right to read them by name (deploy/manifest/README.md)`,
        ]
      : []
  })
  const named = wordList([...hosts.keys()])
  return entries.length > 0
    ? [`# The registries are ${named}.`, `registries:`, ...entries, '']
    : [`# The registries are ${named}; they are read without credentials (see registries in refit.example.yaml).`, '']
}

/** Services whose tags are versions share a policy; those on a moving tag are watched by digest. */
function policyLines(services: readonly Service[]): string[] {
  const namespace = services[0]?.namespace ?? ''
  const isMoving = (service: Service): boolean =>
    tagsOf(service).some((tag) => parseVersion(tag) === undefined) || tagsOf(service).length === 0
  const [moving, versioned] = [services.filter(isMoving), services.filter((service) => !isMoving(service))]
  return [
    ...oneOf(`${namespace}-by-digest`, moving, 'digest', 'the tag moves: told when it points to another image'),
    ...oneOf(namespace, versioned, 'bugfix', 'the z of x.y.z; or minor, major, patch (hot-fixes), { range: "^17" }, …'),
  ]
}

function oneOf(name: string, services: readonly Service[], strategy: string, says: string): string[] {
  if (services.length === 0) return []
  const repositories = [...new Set(services.map(({ repository }) => repository))]
  return [
    ...services.map((service) => `  # ${serviceId(service)} runs ${wordList(tagsOf(service)) || 'no tag'}`),
    `  - name: ${quoted(name)}`,
    `    select:`,
    `      namespaces: [${quoted(services[0]?.namespace ?? '')}]`,
    `      images:`,
    ...repositories.map((repository) => `        - ${quoted(repository)}`),
    `    mode: watch # or automatic, or approve: by people with tokens (refit token create), or by anybody with the next line`,
    `    # approval: { unverified: accept }`,
    `    strategy: ${strategy} # ${says}`,
    ...capacityLines(services),
    '',
  ]
}

/** What would be refused once the policy acts: pods that stop before new ones are ready. */
function capacityLines(services: readonly Service[]): string[] {
  const lowered = services
    .flatMap(({ workloads }) => workloads)
    .map((workload) => ({ name: workload.name, by: loweredBy(workload) }))
    .filter(({ by }) => by > 0)
  if (lowered.length === 0) return []
  const most = Math.max(...lowered.map(({ by }) => by))
  const named = wordList(lowered.map(({ name }) => name))
  return [
    `    # rollout: { maxUnavailable: ${most} } # needed to upgrade ${named}, whose pods stop before new ones are ready`,
  ]
}

const tagsOf = (service: Service): string[] => runningOf(service, 'bugfix').tags

/** A YAML scalar; JSON's strings are YAML's. */
const quoted = (text: string): string => (/^[a-z][a-z0-9._/-]*$/i.test(text) ? text : JSON.stringify(text))
