/**
 * Time from approval to `succeeded` (bake 0, no migration) against the floor: `kubectl set image` and `kubectl rollout
 * status` on the same Deployment, turn by turn in one run on a real node. Last line: JSON, medians of five.
 */
import { mkdtemp, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Client, Connection } from '@temporalio/client'
import getPort from 'get-port'
import { Refit, refitEnvironment } from '../demo/refit'
import { upgradeWhere } from '../demo/upgrade-where'
import { deployHub, runKubectl } from '../examples/hub/deploy'
import { buildAndPush } from '../examples/hub/images'
import { firstReleases } from '../examples/hub/releases'
import { createStore } from '../src/store'
import type { UpgradeRow } from '../src/store/contracts'
import { upgradeWorkflowId } from '../src/domain/temporal-names'
import { down, up, type Stack } from '../stack'
import { median, rounded } from './median'

const rounds = 5
const name = 'bench'
const namespace = 'hub'
const service = 'settlement'

const config = `hub: { name: bench, environment: bench }
scan: { every: 1s }
registries: [{ host: "\${REGISTRY}", insecure: true }]
policies:
  - name: settlement
    select: { namespaces: [${namespace}], images: ['*/hub/settlement'] }
    mode: approve
    approval: { required: 1, unverified: accept }
    rollout: { bake: 0s, stall: 60s, deadline: 5m }
    health: [{ http: /health, port: 3001, expect: { status: OK, version: $.versionNumber } }]
`

async function main(): Promise<void> {
  await down(name, { purge: true, progress: () => undefined })
  const stack = await up({ name, node: 'real', yes: true, owner: 'npm run bench:upgrade' })
  try {
    process.stdout.write(`${JSON.stringify(await measure(stack))}\n`)
  } finally {
    await down(name, { purge: true })
  }
}

async function measure(stack: Stack) {
  const kubectl = (...args: string[]): Promise<string> =>
    runKubectl({ kubectl: stack.bin.kubectl, kubeconfig: stack.kubernetes.kubeconfig }, ['-n', namespace, ...args])
  await Promise.all([
    stack.postgres.createDatabase('refit'),
    stack.postgres.createDatabase('hub'),
    buildAndPush({
      registry: stack.registry.host,
      cacheDir: join(stack.stateDir, 'images'),
      tags: [...firstReleases, 'settlement:v1.0.1'],
    }),
  ])
  await deployHub({
    kubectl: stack.bin.kubectl,
    kubeconfig: stack.kubernetes.kubeconfig,
    namespace,
    registry: stack.registry.host,
    databaseUrl: stack.postgres.podUrl('hub'),
  })
  await kubectl('scale', `deployment/${service}`, '--replicas=3')
  await kubectl('rollout', 'status', `deployment/${service}`)

  const folder = await mkdtemp(join(stack.stateDir, 'bench-'))
  const configFile = join(folder, 'refit.yaml')
  await writeFile(configFile, config)
  const env = refitEnvironment(stack)
  const refit = new Refit({
    configFile,
    env,
    logFile: join(folder, 'worker.log'),
    healthAddress: `127.0.0.1:${await getPort()}`,
  })
  const store = createStore(stack.postgres.url('refit'))
  const connection = await Connection.connect({ address: stack.temporal.address })
  const handle = new Client({ connection }).workflow.getHandle(upgradeWorkflowId(namespace, service))
  const seen = (done: (row: UpgradeRow) => boolean) =>
    upgradeWhere(store, { namespace, service }, done, { withinMs: 300_000, everyMs: 50 })
  const refitSeconds: number[] = []
  const kubectlSeconds: number[] = []
  const historyEvents: number[] = []
  try {
    await refit.startWorker()
    for (let round = 0; round < rounds; round += 1) {
      const waiting = await seen(({ phase, outcome }) => phase === 'approval' && outcome === null)
      const approvedAt = Date.now()
      await handle.signal('approve', { by: 'bench', planHash: waiting.planHash })
      const ended = await seen(({ id, outcome }) => id === waiting.id && outcome !== null)
      if (ended.outcome !== 'succeeded' || !ended.endedAt)
        throw new Error(`the upgrade ended ${ended.outcome}: ${ended.message}`)
      refitSeconds.push((ended.endedAt.getTime() - approvedAt) / 1000)
      historyEvents.push((await handle.describe()).historyLength)

      const startedAt = Date.now()
      await kubectl('set', 'image', `deployment/${service}`, `${service}=${stack.registry.host}/hub/${service}:v1.0.0`)
      await kubectl('rollout', 'status', `deployment/${service}`)
      kubectlSeconds.push((Date.now() - startedAt) / 1000)
      process.stderr.write(`round ${round + 1}: refit ${refitSeconds.at(-1)} s, kubectl ${kubectlSeconds.at(-1)} s\n`)
    }
  } finally {
    await refit.stopWorker()
    await connection.close()
    await store.close()
  }
  const [refitMedian, kubectlMedian] = [median(refitSeconds), median(kubectlSeconds)]
  return {
    bench: 'upgrade',
    ratio: rounded(refitMedian / kubectlMedian),
    refitMedian,
    kubectlMedian,
    historyEvents: median(historyEvents),
    refitSeconds,
    kubectlSeconds,
  }
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`${String(error)}\n`)
    process.exit(1)
  },
)
