import { createServer, connect, type Server } from 'node:net'
import { join } from 'node:path'
import { deployHub } from '../../examples/hub/deploy'
import { firstReleases } from '../../examples/hub/releases'
import type { UpgradeRow } from '../../src/store/contracts'
import { upgradeWhere } from '../../demo/upgrade-where'
import { network } from '../../stack'
import { auditedWrites, type AuditEvent } from '../support/audit-log'
import { ended, inPhase, openRealHub, type RealHub } from '../support/real-hub'
import { pushRefitImage } from '../support/refit-image'
import { chartFolder, type Helm, openHelm } from '../deploy/chart'

const namespace = 'hub'
const home = 'refit'
const account = `system:serviceaccount:${home}:refit`
const asRefit = ({ user: { username } }: AuditEvent): boolean => username === account
const patienceMs = 240_000

let hub: RealHub
let helm: Helm
const forwarders: Server[] = []

beforeAll(async () => {
  hub = await openRealHub()
  const { stack, kubectl } = hub
  helm = await openHelm(stack.kubernetes.kubeconfig)
  const [temporal, registry] = await Promise.all([forPods(stack.temporal.address), forPods(stack.registry.host)])
  await stack.postgres.createDatabase(namespace)
  await Promise.all([hub.publish(...firstReleases), publishRefit('0.1.0')])
  await deployHub({
    ...{ kubectl: stack.bin.kubectl, kubeconfig: stack.kubernetes.kubeconfig, namespace, registry },
    databaseUrl: stack.postgres.podUrl(namespace),
  })
  await kubectl('create', 'namespace', home)
  await kubectl('label', 'namespace', home, 'pod-security.kubernetes.io/enforce=restricted')
  const databaseUrl = `--from-literal=DATABASE_URL=${stack.postgres.podUrl('refit')}`
  await kubectl('-n', home, 'create', 'secret', 'generic', 'refit', databaseUrl)
  await install({ temporal, registry })
}, 900_000)

afterAll(async () => {
  forwarders.forEach((server) => server.close())
  await helm?.close()
  await hub?.close()
})

/** Temporal and the registry listen on loopback only; pods reach them at the node's own address. */
async function forPods(address: string): Promise<string> {
  const port = Number(address.split(':').at(-1))
  const server = createServer((incoming) => {
    const outgoing = connect(port, '127.0.0.1')
    incoming.pipe(outgoing).pipe(incoming)
    incoming.on('error', () => outgoing.destroy())
    outgoing.on('error', () => incoming.destroy())
  })
  forwarders.push(server)
  await new Promise<void>((resolve) => server.listen(0, network.nodeAddress, resolve))
  return `${network.nodeAddress}:${(server.address() as { port: number }).port}`
}

const publishRefit = (tag: string): Promise<string> =>
  pushRefitImage({
    ...{ registry: hub.stack.registry.host, cacheDir: join(hub.stack.stateDir, 'images'), tag, version: tag },
  })

const refitYaml = (registry: string): string => `hub: { name: test-hub, environment: test }
scan: { every: 3s }
registries: [{ host: '${registry}', insecure: true }]
policies:
  - name: ledger
    select: { namespaces: [${namespace}], images: ['*/hub/ledger'] }
    mode: approve
    strategy: minor
    approval: { unverified: accept, expires: 1h }
    migrations: [{ kind: job, command: [node, /app/ledger.js, migrate] }]
    rollout: { bake: 4s, stall: 30s, deadline: 3m, maxUnavailable: 1 }
    health: [{ http: /health, port: 3001, expect: { status: OK, version: $.versionNumber } }]
  - name: refit-itself
    select: { namespaces: [${home}], images: ['*/refit'] }
    mode: approve
    strategy: minor
    helmDrift: accept
    approval: { unverified: accept, expires: 1h }
    rollout: { bake: 4s, stall: 60s, deadline: 4m }
`

/** As docs/install.md says it. */
async function install({ temporal, registry }: { temporal: string; registry: string }): Promise<void> {
  const values = await helm.valuesFile({
    image: { repository: `${registry}/refit`, tag: '0.1.0' },
    config: refitYaml(registry),
    temporal: { address: temporal },
    namespaces: [{ name: namespace, write: true }],
    selfUpgrade: true,
  })
  const flags = ['--namespace', home, '--values', values, '--wait', '--timeout', '4m']
  await helm.run('install', 'refit', chartFolder, ...flags).catch(async (error: unknown) => {
    const facts = await Promise.allSettled([
      hub.kubectl('-n', home, 'describe', 'deployments,jobs,pods'),
      hub.kubectl('-n', home, 'logs', '-l', 'app.kubernetes.io/part-of=refit', '--tail=50', '--prefix'),
    ])
    throw new Error(`${String(error)}\n${JSON.stringify(facts, null, 1).replaceAll('\\n', '\n')}`)
  })
}

interface Pod {
  metadata: { name: string; deletionTimestamp?: string }
  spec: { containers: { image: string }[] }
  status: { containerStatuses?: { ready: boolean; restartCount: number }[] }
}
const podsOf = async (name: string): Promise<Pod[]> => {
  const listed = await hub.kubectl('-n', home, 'get', 'pods', '-l', `app.kubernetes.io/name=${name}`, '-o', 'json')
  return (JSON.parse(listed) as { items: Pod[] }).items.filter(({ metadata }) => !metadata.deletionTimestamp)
}

/** In the pod, as an operator does it. */
const refit = (...args: string[]): Promise<string> =>
  hub.kubectl('-n', home, 'exec', 'deployment/refit-worker', '--', 'node', '/app/dist/src/cli.js', ...args)
const approve = (service: string, { planHash }: UpgradeRow): Promise<string> =>
  refit('approve', service, '--plan', planHash, '--by', 'ops@example.org', '--yes')

const upgradeOf = (service: string, tag: string, done: (row: UpgradeRow) => boolean): Promise<UpgradeRow> => {
  const [where = '', name = ''] = service.split('/')
  return upgradeWhere(hub.store, { namespace: where, service: name }, (row) => row.toTag === tag && done(row), {
    ...{ withinMs: patienceMs, what: `${service} at ${tag} as the test wants it` },
  })
}

const waits = (row: UpgradeRow): boolean => inPhase('approval')(row) && row.waitingFor !== ''

test('helm install brings worker and server up with their own accounts, and nothing restarts', async () => {
  for (const name of ['refit-worker', 'refit-server'])
    expect(await podsOf(name)).toMatchObject([{ status: { containerStatuses: [{ ready: true, restartCount: 0 }] } }])
  // The hook made the store's tables, and went.
  expect(await hub.kubectl('-n', home, 'get', 'jobs', '-o', 'name')).toBe('')
  expect(await refit('doctor')).toContain('nothing is missing')
})

test('from inside, with its own account, it upgrades the hub', async () => {
  await hub.publish('ledger:v1.0.1')
  const row = await upgradeOf('hub/ledger', 'v1.0.1', waits)
  await approve('hub/ledger', row)
  expect(await upgradeOf('hub/ledger', 'v1.0.1', ended)).toMatchObject({ outcome: 'succeeded' })
  expect(await auditedWrites(hub.stack, asRefit)).toContain('patch deployments/ledger')
})

test('it upgrades itself while another upgrade waits, which then is approved and succeeds', async () => {
  await hub.publish('ledger:v1.1.0')
  const waiting = await upgradeOf('hub/ledger', 'v1.1.0', waits)
  const [workerBefore] = await podsOf('refit-worker')

  await publishRefit('0.2.0')
  const own = await upgradeOf('refit/refit', '0.2.0', waits)
  await approve('refit/refit', own)
  const done = await upgradeOf('refit/refit', '0.2.0', ended)
  expect(done).toMatchObject({ outcome: 'succeeded' })

  for (const name of ['refit-worker', 'refit-server']) {
    const pods = await podsOf(name)
    expect(pods).toMatchObject([{ status: { containerStatuses: [{ ready: true, restartCount: 0 }] } }])
    expect(pods[0]?.spec.containers[0]?.image).toMatch(/\/refit:0\.2\.0@sha256:/)
    expect(pods[0]?.metadata.name).not.toBe(workerBefore?.metadata.name)
  }
  const patches = (await auditedWrites(hub.stack, asRefit)).filter((each) => /patch deployments\/refit-/.test(each))
  expect([...new Set(patches)].sort()).toEqual(['patch deployments/refit-server', 'patch deployments/refit-worker'])

  const after = await upgradeOf('hub/ledger', 'v1.1.0', () => true)
  expect(after).toMatchObject({ id: waiting.id, planHash: waiting.planHash, phase: 'approval', outcome: null })
  await approve('hub/ledger', waiting)
  expect(await upgradeOf('hub/ledger', 'v1.1.0', ended)).toMatchObject({ id: waiting.id, outcome: 'succeeded' })
}, 600_000)

test('helm uninstall goes once Refit has nothing under way, and the hub runs on', async () => {
  expect(await refit('uninstall', '--yes', '--by', 'ops@example.org')).toContain('removed the Schedules refit/scan')
  await helm.run('uninstall', 'refit', '--namespace', home, '--wait', '--timeout', '3m')
  expect(await hub.kubectl('-n', home, 'get', 'deployments,roles,rolebindings', '-o', 'name')).toBe('')
  const image = await hub.kubectl(
    ...['-n', namespace, 'get', 'deployment', 'ledger', '-o', 'jsonpath={.spec.template.spec.containers[0].image}'],
  )
  expect(image).toContain('ledger:v1.1.0@sha256:')
  await hub.kubectl('-n', namespace, 'rollout', 'status', 'deployment/ledger', '--timeout=60s')
})
