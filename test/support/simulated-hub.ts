import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { randomBytes } from 'node:crypto'
import getPort from 'get-port'
import { Client } from 'pg'
import { type Answered, Refit, refitEnvironment, runCommand, sources } from '../../demo/refit'
import { upgradeWhere } from '../../demo/upgrade-where'
import { runKubectl } from '../../examples/hub/deploy'
import { push } from '../../examples/hub/image/push'
import { createStore } from '../../src/store'
import type { Store, UpgradeRow } from '../../src/store/contracts'
import { down, up, type Stack } from '../../stack'
import { auditedWrites } from './audit-log'
import { leastPrivilege } from './least-privilege'

const refitAccount = 'system:serviceaccount:refit:refit'

/** Less than a test's own timeout, so that nothing asks on after its end. */
const patienceMs = 240_000

/** Refit beside a cluster of simulated nodes, with no right that `refit permissions` does not print; each case has a namespace with one Deployment and an image of that name. */
export interface SimulatedHub {
  stack: Stack
  store: Store
  env: NodeJS.ProcessEnv
  configFile: string
  /** of the worker: /livez, /readyz, /metrics */
  healthAddress: string
  startWorker(): Promise<void>
  stopWorker(signal?: NodeJS.Signals): Promise<void>
  workerLog(): string
  workerRuns(): boolean
  kubectl(...args: string[]): Promise<string>
  apply(manifest: object): Promise<void>
  temporal(...args: string[]): Promise<string>
  /** `refit …` from the sources */
  refit(...args: string[]): Promise<Answered>
  /** pushes `hub/<name>:<tag>`; `content` makes another image of the same tag. Returns the digest. */
  push(name: string, tag: string, content?: string): Promise<string>
  /** namespace `name` with one Deployment of `hub/<name>:v1.0.0`, which is pushed and ready */
  deploy(name: string): Promise<void>
  /** image of the namespace's Deployment, without the registry */
  image(name: string): Promise<string>
  query<Row>(sql: string, values?: unknown[]): Promise<Row[]>
  /** the newest upgrade of the namespace, once it is as asked */
  upgradeWhere(name: string, done: (row: UpgradeRow) => boolean): Promise<UpgradeRow>
  /** waits until a scan that began after the call has ended */
  scanned(): Promise<{ complete: boolean; summary: string }>
  /** writes in this namespace by anyone but kubectl and Kubernetes itself, as `verb resource/name` */
  writes(name: string): Promise<string[]>
  close(): Promise<void>
}

/** Refit's configuration over these namespaces: times are short, conditions decide when a test goes on. */
export function simulatedConfig(namespaces: { watch?: string[]; approve: string[] }): string {
  return `hub: { name: test-hub, environment: test }
scan: { every: 1s }
registries: [{ host: "\${REGISTRY}", insecure: true }]
policies:
  - name: watched
    select: { namespaces: [${(namespaces.watch ?? ['nobody']).join(', ')}], images: ['*/hub/*'] }
    mode: watch
    strategy: minor
  - name: core
    select: { namespaces: [${namespaces.approve.join(', ')}], images: ['*/hub/*'] }
    mode: approve
    strategy: minor
    prerelease: never-ready
    approval: { required: 1, unverified: accept, expires: 1h }
    rollout: { bake: 1s, stall: 4s, deadline: 1m, maxUnavailable: 1 }
alerts: [{ webhook: "http://127.0.0.1:9/nobody", signedWith: "\${ALERT_KEY}", on: [info, action, page], allowPrivate: true }]
`
}

/** `config`: the text of refit.yaml, or what makes it of the stack's folder */
export async function openSimulatedHub(
  config: string | ((stateDir: string) => string),
  { allRights = false } = {},
): Promise<SimulatedHub> {
  const name = `test-hub-${process.pid}-${randomBytes(2).toString('hex')}`
  const progress = () => undefined
  const stack = await up({ name, node: 'simulated', yes: true, owner: 'npm test', progress }).catch(
    async (error: unknown) => {
      await down(name, { purge: true, progress })
      throw error
    },
  )
  const configFile = join(stack.stateDir, 'refit.yaml')
  const logFile = join(stack.stateDir, 'logs', 'refit-worker.log')
  const healthAddress = `127.0.0.1:${await getPort()}`
  await writeFile(configFile, typeof config === 'string' ? config : config(stack.stateDir))
  const url = stack.postgres.url('refit')
  const kubectlAt = { kubectl: stack.bin.kubectl, kubeconfig: stack.kubernetes.kubeconfig }
  const kubectl = (...args: string[]) => runKubectl(kubectlAt, args)

  const apply = async (manifest: object) =>
    void (await runKubectl(kubectlAt, ['apply', '-f', '-'], JSON.stringify(manifest)))

  const given = { ...refitEnvironment(stack), ALERT_KEY: 'a-key-of-the-tests' }
  const env = {
    ...given,
    ...(await leastPrivilege({ stack, configFile, env: given, kubectl, apply }, { allRights })),
  }
  const refit = new Refit({ configFile, env, logFile, healthAddress, program: sources })
  const store = createStore(url)

  const pushImage = (image: string, tag: string, content = tag) =>
    push({
      registry: stack.registry.host,
      repository: `hub/${image}`,
      tag,
      config: {
        architecture: 'amd64',
        os: 'linux',
        config: { Labels: { content }, Cmd: ['/app'] },
        rootfs: { type: 'layers', diff_ids: [] },
      },
      layers: [],
    })
  const query = async <Row>(sql: string, values: unknown[] = []): Promise<Row[]> => {
    const client = new Client({ connectionString: url })
    await client.connect()
    try {
      return (await client.query(sql, values)).rows as Row[]
    } finally {
      await client.end()
    }
  }
  return {
    stack,
    store,
    env,
    configFile,
    healthAddress,
    kubectl,
    apply,
    push: pushImage,
    query,
    workerLog: () => refit.log(),
    workerRuns: () => refit.isRunning,
    startWorker: async () => void (await refit.startWorker()),
    stopWorker: async (signal) => void (await refit.stopWorker(signal)),
    async temporal(...args) {
      const { code, output } = await runCommand(stack.bin.temporal, [...args, '--address', stack.temporal.address], env)
      if (code !== 0) throw new Error(`temporal ${args.join(' ')}: ${output}`)
      return output
    },
    refit: (...args) => refit.run(...args),
    async deploy(namespace) {
      await pushImage(namespace, 'v1.0.0')
      await apply(deployment(namespace, `${stack.registry.host}/hub/${namespace}:v1.0.0`))
      await kubectl('-n', namespace, 'rollout', 'status', `deployment/${namespace}`, '--timeout=60s')
    },
    async image(namespace) {
      const path = 'jsonpath={.spec.template.spec.containers[0].image}'
      const image = await kubectl('-n', namespace, 'get', 'deployment', namespace, '-o', path)
      return image.replace(`${stack.registry.host}/`, '')
    },
    upgradeWhere: (namespace, done) =>
      upgradeWhere(store, { namespace, service: namespace }, done, { withinMs: patienceMs }),
    async scanned() {
      const since = Date.now()
      return until(async () => {
        const last = await store.scans.last().catch(() => undefined)
        return last && last.startedAt.getTime() > since ? last : undefined
      })
    },
    writes: (namespace) =>
      auditedWrites(
        stack,
        ({ user, userAgent = '', objectRef }) =>
          objectRef?.namespace === namespace &&
          (!user.username.startsWith('system:') || user.username === refitAccount) &&
          !userAgent.startsWith('kubectl'),
      ),
    async close() {
      await refit.stopWorker('SIGKILL')
      await store.close()
      await down(name, { purge: true, progress })
    },
  }
}

/** Waits for a condition by asking. */
export async function until<T>(ask: () => Promise<T | undefined | false>, withinMs = patienceMs): Promise<T> {
  for (const begun = Date.now(); ;) {
    const answer = await ask()
    if (answer) return answer
    if (Date.now() - begun > withinMs) throw new Error('what the test waits for does not come')
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

/** A namespace, and a Deployment of that image in it. */
export const deployment = (name: string, image: string, { namespace = name, replicas = 2 } = {}) => ({
  apiVersion: 'v1',
  kind: 'List',
  items: [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name, namespace },
      spec: {
        replicas,
        selector: { matchLabels: { app: name } },
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
        template: {
          metadata: { labels: { app: name } },
          spec: {
            terminationGracePeriodSeconds: 1,
            containers: [{ name: 'app', image, readinessProbe: { httpGet: { path: '/health', port: 3000 } } }],
          },
        },
      },
    },
  ],
})
