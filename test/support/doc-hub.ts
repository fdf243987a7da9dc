/**
 * A hub on which the commands of the documentation are run: a real store, Temporal and worker, a made-up cluster with the
 * sample hub's services, and the files that the pages name.
 */
import { randomBytes } from 'node:crypto'
import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import getPort from 'get-port'
import { Refit, refitEnvironment, sources } from '../../demo/refit'
import { main } from '../../src/cli/main'
import { createStore } from '../../src/store'
import type { UpgradeRow } from '../../src/store/contracts'
import { down, up } from '../../stack'
import { upgradeWhere } from '../../demo/upgrade-where'
import { madeUpCluster } from './made-up-cluster'
import { madeUpRegistry } from './made-up-registry'

const services = ['ledger', 'quoting', 'settlement']
const root = join(__dirname, '../..')

const configText = (slack: string): string => `hub: { name: green-hub, environment: test }
scan: { every: 300d }
registries: [{ host: "\${REGISTRY}", insecure: true }]
policies:
  - name: hub
    select: { namespaces: [hub], images: ['*/hub/*'] }
    mode: approve
    strategy: minor
    approval: { required: 1, unverified: accept }
    windows: [{ cron: '0 2 29 2 *', duration: 1h, timeZone: Africa/Nairobi }]
    rollout: { bake: 0s, maxUnavailable: 1 }
webhooks: [{ kind: harbor, secret: "\${HOOK_SECRET}" }]
digestAt: { times: ['07:00'], timeZone: Africa/Nairobi }
alerts: [{ slack: "${slack}", allowPrivate: true }]
`

export interface DocHub {
  /** of hub/ledger, which waits for an approval */
  waiting: UpgradeRow
  /** runs a command line as a process would; Ctrl-C is pressed as soon as it waits */
  run(words: readonly string[]): Promise<{ code: number; out: string; err: string }>
  close(): Promise<void>
}

export async function openDocHub(): Promise<DocHub> {
  const name = `test-docs-${process.pid}-${randomBytes(2).toString('hex')}`
  const progress = (): void => undefined
  const stack = await up({ name, node: 'simulated', parts: ['temporal', 'postgres'], yes: true, progress })
  await stack.postgres.createDatabase('refit')
  const registry = await madeUpRegistry()
  const cluster = await madeUpCluster({
    behaviourOf: () => 'healthy',
    digestOf: (image) => registry.digestOf(...(/^[^/]+\/([^:]+):([^@]+)/.exec(image)?.slice(1) as [string, string])),
  })
  const slack = createServer((request, response) => void request.resume().once('end', () => response.end('ok')))
  await new Promise<void>((resolve) => slack.listen(0, '127.0.0.1', resolve))
  for (const service of services) {
    for (const tag of ['v1.0.0', 'v1.0.1']) registry.publish(`hub/${service}`, tag)
    cluster.deploy({ namespace: 'hub', name: service, image: `${registry.host}/hub/${service}:v1.0.0` })
  }
  const folder = join(stack.stateDir, 'somebody')
  mkdirSync(folder)
  const configFile = join(folder, 'refit.yaml')
  writeFileSync(configFile, configText(`http://127.0.0.1:${(slack.address() as AddressInfo).port}/`))
  writeFiles(folder)
  const env = {
    ...refitEnvironment(stack),
    ...{ REGISTRY: registry.host, REFIT_KUBECONFIG: cluster.kubeconfig, REFIT_CONFIG: configFile },
    HOOK_SECRET: 'a-secret-of-the-tests-only-and-long-enough',
  }
  const healthAddress = `127.0.0.1:${await getPort()}`
  const refit = new Refit({
    configFile,
    env,
    healthAddress,
    logFile: join(stack.stateDir, 'worker.log'),
    program: sources,
  })
  const store = createStore(stack.postgres.url('refit'))
  const before = process.cwd()
  const close = async (): Promise<void> => {
    process.chdir(before)
    await refit.stopWorker('SIGKILL')
    await store.close()
    await Promise.all([cluster.close(), registry.close(), new Promise((resolve) => slack.close(resolve))])
    await down(name, { purge: true, progress })
  }
  const run: DocHub['run'] = async (words) => {
    const said = { out: '', err: '' }
    const code = await main([...words], {
      ...{ env, isTerminal: false, isColorful: false, width: undefined },
      out: (text) => void (said.out += text),
      err: (text) => void (said.err += text),
      ask: () => Promise.resolve(''),
      user: () => 'somebody@test',
      now: () => new Date(),
      interrupted: () => AbortSignal.abort(),
      startSelf: () => ({ ended: () => '', stop: () => Promise.resolve() }),
    })
    return { code, ...said }
  }
  try {
    await refit.startWorker()
    process.chdir(folder)
    const { code, err } = await run(['scan'])
    if (code !== 0) throw new Error(`refit scan: ${err}`)
    const asking = (row: UpgradeRow): boolean => row.phase === 'approval'
    const waiting = await upgradeWhere(store, { namespace: 'hub', service: 'ledger' }, asking, { withinMs: 60_000 })
    return { waiting, run, close }
  } catch (error) {
    await close()
    throw error
  }
}

/** What the pages name: migrations, tag lists, releases. */
function writeFiles(folder: string): void {
  cpSync(join(root, 'examples/hub/migrations'), join(folder, 'migrations'), { recursive: true })
  writeFileSync(join(folder, 'tags.txt'), 'v1.2.0\nv1.2.1\nmain-4-0a1b2c3\nmain-5-a1b2c3d\nmain-6-b2c3d4e\n')
  const release = `release: 1.1.0\nservices: { hub/ledger: v1.0.1, hub/quoting: v1.0.1 }\n`
  writeFileSync(join(folder, 'release-1.1.0.yaml'), release)
}
