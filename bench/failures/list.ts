import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { Client } from 'pg'
import type { Behaviour } from '../../examples/hub/releases'
import type { PodObservation, RolloutObservation } from '../../src/domain/rollout'
import type { BenchHub } from '../hub'

/** One way in which an upgrade of the ledger goes wrong, or only looks as if it did. */
export interface Failure {
  name: string
  behaviour: Behaviour
  /** the first thing seen that a healthy rollout doesn't show; for a slow start, that it runs and is not ready */
  fatal: (seen: RolloutObservation, sickPods: string[]) => boolean
  outcome: 'rolled-back' | 'succeeded' | 'held'
  /** what the message of its end says */
  says: RegExp
  /** brings the cluster into the state that it needs, and back out of it */
  before?: (hub: BenchHub) => Promise<() => Promise<unknown>>
  /** once a first new pod is there */
  during?: (hub: BenchHub) => Promise<unknown>
}

const ledger = 'deployment/ledger'
const some =
  (isSo: (pod: PodObservation) => boolean) =>
  ({ pods }: RolloutObservation): boolean =>
    pods.some((pod) => pod.isNew && isSo(pod))
const waits = (...reasons: string[]) => some(({ waiting }) => waiting.some(({ reason }) => reasons.includes(reason)))
const hasEnded = some(({ terminated, restarts }) => terminated.length > 0 || restarts > 0)
const runsUnready = some(({ ready, phase, waiting }) => !ready && phase === 'Running' && waiting.length === 0)

/** All but a quota without room, which preflight refuses before anybody is asked; the last one leaves the upgrade held. */
export const failures: Failure[] = [
  {
    name: 'never ready',
    behaviour: 'never-ready',
    fatal: runsUnready,
    outcome: 'rolled-back',
    says: /no further one for 15 s/,
  },
  { name: 'crash loop', behaviour: 'crash-loop', fatal: hasEnded, outcome: 'rolled-back', says: /exit code 1/ },
  {
    name: 'out of memory',
    behaviour: 'out-of-memory',
    fatal: hasEnded,
    outcome: 'rolled-back',
    says: /ran out of memory twice/,
  },
  {
    name: 'missing image',
    behaviour: 'missing-image',
    fatal: waits('ErrImagePull', 'ImagePullBackOff'),
    outcome: 'rolled-back',
    says: /not found/,
  },
  {
    name: 'bad registry credentials',
    behaviour: 'ok',
    before: registryThatRefuses,
    fatal: waits('ErrImagePull', 'ImagePullBackOff'),
    outcome: 'rolled-back',
    says: /401|[Uu]nauthorized|authorization/,
  },
  {
    name: 'missing ConfigMap',
    behaviour: 'ok',
    before: missingConfigMap,
    fatal: waits('CreateContainerConfigError'),
    outcome: 'rolled-back',
    says: /configmap "settings" not found/,
  },
  {
    name: 'init container failing',
    behaviour: 'init-fails',
    fatal: hasEnded,
    outcome: 'rolled-back',
    says: /init container run-migration/,
  },
  {
    name: 'unschedulable',
    behaviour: 'ok',
    before: cordonedNode,
    fatal: some(({ unschedulable }) => unschedulable !== undefined),
    outcome: 'rolled-back',
    says: /finds no node/,
  },
  { name: 'slow start', behaviour: 'slow-start', fatal: runsUnready, outcome: 'succeeded', says: /./ },
  {
    name: 'flapping readiness',
    behaviour: 'flapping-readiness',
    // A pod that gets ready loses it for the first time.
    fatal: lostReadiness(),
    outcome: 'rolled-back',
    says: /lost its readiness|lost their readiness/,
  },
  {
    name: 'sick during the bake',
    behaviour: 'sick-during-bake',
    fatal: (_seen, sick) => sick.length > 0,
    outcome: 'rolled-back',
    says: /\/health/,
  },
  {
    name: 'readiness lost on old pods too',
    behaviour: 'slow-start',
    before: readinessNeedsDatabase,
    during: (hub) => databaseAway(hub),
    fatal: ({ pods }) => pods.some(({ isNew, ready, deleting }) => !isNew && !ready && !deleting),
    outcome: 'held',
    says: /no old pod is ready either/,
  },
]

function lostReadiness(): Failure['fatal'] {
  const wereReady = new Set<string>()
  return (seen) => {
    for (const { isNew, ready, name } of seen.pods) if (isNew && ready) wereReady.add(name)
    return seen.pods.some(({ name, ready, deleting }) => wereReady.has(name) && !ready && !deleting)
  }
}

/** The nodes pull through a registry that wants to know who they are. */
async function registryThatRefuses({ stack }: BenchHub) {
  const server = createServer((_request, response) =>
    response.writeHead(401, { 'www-authenticate': 'Basic realm="registry"' }).end(),
  )
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const file = join(stack.stateDir, 'config/certs.d/_default/hosts.toml')
  const before = await readFile(file, 'utf8')
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  await writeFile(file, `server = "${address}"\n[host."${address}"]\n  capabilities = ["pull", "resolve"]\n`)
  return async () => {
    await writeFile(file, before)
    server.close()
  }
}

/** The running pods were started with a ConfigMap that somebody has deleted since. */
async function missingConfigMap({ kubectl }: BenchHub) {
  const envFrom = (value: object[] | null) => patch(kubectl, { name: 'ledger', envFrom: value })
  await kubectl('create', 'configmap', 'settings', '--from-literal=COLOUR=green')
  await envFrom([{ configMapRef: { name: 'settings' } }])
  await kubectl('delete', 'configmap', 'settings')
  return () => envFrom(null)
}

async function cordonedNode({ kubectl }: BenchHub) {
  const node = (await kubectl('get', 'pods', '-o', 'jsonpath={.items[0].spec.nodeName}')).trim()
  await kubectl('cordon', node)
  return () => kubectl('uncordon', node)
}

/** As where readiness is `/health`: it says no while the database is away. */
async function readinessNeedsDatabase(hub: BenchHub) {
  const probe = (path: string) => patch(hub.kubectl, { name: 'ledger', readinessProbe: { httpGet: { path } } })
  await probe('/health')
  return async () => {
    await asServer(hub, "update pg_database set datallowconn = true where datname = 'hub'")
  }
}

/** No connection to the hub's database, for old pods and new ones. */
const databaseAway = (hub: Pick<BenchHub, 'stack'>) =>
  asServer(
    hub,
    "update pg_database set datallowconn = false where datname = 'hub'; " +
      "select pg_terminate_backend(pid) from pg_stat_activity where datname = 'hub'",
  )

async function asServer({ stack }: Pick<BenchHub, 'stack'>, sql: string): Promise<void> {
  const client = new Client({ connectionString: stack.postgres.url('postgres') })
  await client.connect()
  await client.query(sql).finally(() => client.end())
}

async function patch(kubectl: BenchHub['kubectl'], container: object): Promise<void> {
  const body = { spec: { template: { spec: { containers: [container] } } } }
  await kubectl('patch', ledger, '-p', JSON.stringify(body))
  await kubectl('rollout', 'status', ledger, '--timeout=120s')
}
