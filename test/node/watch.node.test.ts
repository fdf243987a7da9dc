import { mkdir, writeFile } from 'node:fs/promises'
import { createServer, connect, type Server } from 'node:net'
import { join, relative } from 'node:path'
import { deployHub } from '../../examples/hub/deploy'
import { firstReleases } from '../../examples/hub/releases'
import { network } from '../../stack'
import { type AuditEvent, auditedWrites, auditEvents } from '../support/audit-log'
import { openRealHub, type RealHub } from '../support/real-hub'
import { pushRefitImage } from '../support/refit-image'

const namespace = 'hub'
const user = 'system:serviceaccount:refit:refit'
const asRefit = ({ user: { username } }: AuditEvent): boolean => username === user
const ledger = { namespace, service: 'ledger' }

let hub: RealHub
const forwarders: Server[] = []

beforeAll(async () => {
  hub = await openRealHub()
  const { stack } = hub
  const [temporal, registry] = await Promise.all([forPods(stack.temporal.address), forPods(stack.registry.host)])
  await Promise.all([deployHubFrom(registry), deployRefit({ temporal, registry })])
}, 900_000)

afterAll(async () => {
  forwarders.forEach((server) => server.close())
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

async function deployHubFrom(registry: string): Promise<void> {
  const { stack } = hub
  await stack.postgres.createDatabase(namespace)
  await hub.publish(...firstReleases, 'ledger:v1.0.1')
  await deployHub({
    kubectl: stack.bin.kubectl,
    kubeconfig: stack.kubernetes.kubeconfig,
    namespace,
    registry,
    databaseUrl: stack.postgres.podUrl(namespace),
  })
}

/** As deploy/manifest/README.md says, for a hub that Refit may only watch. */
async function deployRefit({ temporal, registry }: { temporal: string; registry: string }): Promise<void> {
  const { stack, kubectl } = hub
  await pushRefitImage({ registry: stack.registry.host, cacheDir: join(stack.stateDir, 'images'), tag: 'test' })
  await hub.configure(`hub: { name: test-hub, environment: test }
scan: { every: 2s }
registries: [{ host: '${registry}', insecure: true }]
policies:
  - { name: ledger, select: { namespaces: [${namespace}], images: ['*/hub/ledger'] }, mode: watch, strategy: minor }
`)
  await kubectl('create', 'namespace', 'refit')
  await kubectl('create', 'namespace', namespace).catch(() => undefined)
  await kubectl('-n', 'refit', 'create', 'configmap', 'refit', `--from-file=${join(stack.stateDir, 'refit.yaml')}`)
  const databaseUrl = `--from-literal=DATABASE_URL=${stack.postgres.podUrl('refit')}`
  await kubectl('-n', 'refit', 'create', 'secret', 'generic', 'refit', databaseUrl)
  await kubectl('apply', '-k', await overlay({ temporal, registry }))
  for (const deployment of ['deployment/refit-worker', 'deployment/refit-server'])
    await kubectl('-n', 'refit', 'rollout', 'status', deployment, '--timeout=180s').catch(async (error: unknown) => {
      const facts = await Promise.allSettled([
        kubectl('-n', 'refit', 'describe', 'deployments,replicasets,pods'),
        kubectl('-n', 'refit', 'logs', deployment, '--tail=50'),
      ])
      throw new Error(`${String(error)}\n${JSON.stringify(facts, null, 1).replaceAll('\\n', '\n')}`)
    })
}

/** The shipped manifests with this stack's image and addresses, and without the right to write. */
async function overlay({ temporal, registry }: { temporal: string; registry: string }): Promise<string> {
  const folder = join(hub.stack.stateDir, 'overlay')
  const gone = (kind: string) => ({
    patch: JSON.stringify({
      $patch: 'delete',
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind,
      metadata: { name: 'refit-approve', namespace },
    }),
  })
  const container = { name: 'worker', env: [{ name: 'TEMPORAL_ADDRESS', value: temporal }] }
  const worker = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'refit-worker', namespace: 'refit' },
    spec: { template: { spec: { containers: [container] } } },
  }
  const kustomization = {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    resources: [relative(folder, join(__dirname, '../../deploy/manifest'))],
    images: [{ name: 'registry.example.org/refit', newName: `${registry}/refit`, newTag: 'test' }],
    patches: [gone('Role'), gone('RoleBinding'), { patch: JSON.stringify(worker) }],
  }
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'kustomization.yaml'), JSON.stringify(kustomization))
  return folder
}

/** Waits until a scan ended that began after the latest one known. */
async function nextScan() {
  const before = (await hub.store.scans.last())?.endedAt.getTime() ?? 0
  for (;;) {
    const scan = await hub.store.scans.last()
    if (scan && scan.startedAt.getTime() > before) return scan
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}

test.each([
  ['worker', 'refit'],
  ['server', 'refit-server'],
])('the %s is ready with the security settings as they are shipped, and was never restarted', async (_, name) => {
  const selected = ['-l', `app.kubernetes.io/name=${name}`]
  const pods = JSON.parse(await hub.kubectl('-n', 'refit', 'get', 'pods', ...selected, '-o', 'json')) as {
    items: {
      spec: object
      status: object
    }[]
  }
  expect(pods.items).toMatchObject([
    {
      spec: {
        securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } },
        containers: [
          {
            readinessProbe: { httpGet: { path: '/readyz' } },
            securityContext: {
              readOnlyRootFilesystem: true,
              allowPrivilegeEscalation: false,
              capabilities: { drop: ['ALL'] },
            },
          },
        ],
      },
      status: { containerStatuses: [{ ready: true, restartCount: 0 }] },
    },
  ])
  expect(await hub.kubectl('get', 'namespace', 'refit', '-o', 'jsonpath={.metadata.labels}')).toContain(
    '"pod-security.kubernetes.io/enforce":"restricted"',
  )
})

test('a scan from inside the cluster is complete and finds the candidate', async () => {
  const scan = await nextScan()
  expect(scan).toMatchObject({ complete: true })
  expect(await hub.store.decisions.read(ledger)).toMatchObject({ kind: 'candidate', candidate: { tag: 'v1.0.1' } })
})

test('it starts no upgrade', async () => {
  await nextScan()
  expect(await hub.store.upgrades.list({ limit: 10 })).toEqual([])
  const { count } = await hub.temporal.workflow.count('WorkflowType = "upgrade"')
  expect(count).toBe(0)
})

test('the audit log shows its reads and no write', async () => {
  const events = (await auditEvents(hub.stack)).filter(asRefit)
  expect(new Set(events.map(({ verb, objectRef }) => `${verb} in ${objectRef?.namespace}`))).toContain('list in hub')
  expect(await auditedWrites(hub.stack, asRefit)).toEqual([])
})

test('the cluster refuses its writes', async () => {
  const patch = ['-n', namespace, 'patch', 'deployment', 'ledger', '--patch', '{"spec":{"paused":true}}']
  await expect(hub.kubectl(`--as=${user}`, ...patch)).rejects.toThrow(/cannot (get|patch) resource "deployments"/)
  const rights = [
    'patch deployments',
    'create jobs.batch',
    'delete pods',
    'get secrets',
    'get pods --subresource=proxy',
  ]
  const answers = rights.map(async (right) => {
    const answer = await hub
      .kubectl(`--as=${user}`, '-n', namespace, 'auth', 'can-i', ...right.split(' '))
      .catch(String)
    return `${right}: ${answer.trim()}`
  })
  // To a no, kubectl exits with 1.
  for (const answer of await Promise.all(answers)) expect(answer).toMatch(/exit 1$/)
})

test('doctor, asked in the pod as the README says, finds all well', async () => {
  const doctor = ['exec', 'deployment/refit-worker', '--', 'node', '/app/dist/src/cli.js', 'doctor']
  const lines = (await hub.kubectl('-n', 'refit', ...doctor)).trim().split('\n')
  // Its refit.yaml has no targets, which is all that there is to say.
  const warnings = lines.filter((line) => !line.startsWith('ok '))
  expect(warnings).toEqual([
    expect.stringMatching(/^warn +alerts +nobody is told anything: refit.yaml has no targets$/),
    expect.stringMatching(/next: Write at least one target/),
    '',
    'nothing is missing, 1 warning',
  ])
  expect(lines.join('\n')).toMatch(/permissions +all that mode watch needs/)
  // What the service account may do is asked with a POST that changes nothing. That it is here shows that writes would be.
  expect(new Set(await auditedWrites(hub.stack, asRefit))).toEqual(new Set(['create selfsubjectrulesreviews/']))
})
