/** The sample hub on a real node with a built Refit beside it, for benches. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Client, Connection } from '@temporalio/client'
import getPort from 'get-port'
import { Refit, refitEnvironment } from '../demo/refit'
import { upgradeWhere } from '../demo/upgrade-where'
import { deployHub, runKubectl, type DeployedHub } from '../examples/hub/deploy'
import { buildAndPush } from '../examples/hub/images'
import { firstReleases, type Release, releaseName } from '../examples/hub/releases'
import { createStore } from '../src/store'
import type { Store, UpgradeRow } from '../src/store/contracts'
import { upgradeWorkflowId } from '../src/domain/temporal-names'
import { down, up, type Stack } from '../stack'

export const namespace = 'hub'

export interface BenchHub extends DeployedHub {
  stack: Stack
  store: Store
  /** of the hub, which all of its services use */
  databaseUrl: string
  /** in the hub's namespace */
  kubectl: (...args: string[]) => Promise<string>
  publish(releases: Release[]): Promise<void>
  /** the image of a release as its template would name it */
  image: (release: Pick<Release, 'service' | 'tag'>) => string
  /** publishes a release and has its upgrade waiting for approval */
  offered(release: Release): Promise<UpgradeRow>
  approve(waiting: UpgradeRow): Promise<void>
  ended(waiting: UpgradeRow): Promise<UpgradeRow>
  historyLength(service: string): Promise<number>
}

/** A release that is no part of the sample's story. */
export const benchRelease = (
  service: Release['service'],
  tag: string,
  behaviour: Release['behaviour'] = 'ok',
): Release => ({ service, tag, behaviour, migrations: [], note: 'of a bench' })

interface Settings {
  /** of the stack, and of what is measured */
  name: string
  /** the policies of refit.yaml, as YAML */
  policies: string
  environment?: Record<string, string>
}

/** Brings all of it up, calls `measure`, and takes it down again, whatever happens. Root on Linux. */
export async function withHub<Result>(
  { name, policies, environment }: Settings,
  measure: (hub: BenchHub) => Promise<Result>,
): Promise<Result> {
  const quiet = { purge: true, progress: () => undefined }
  await down(name, quiet)
  const stack = await up({ name, node: 'real', yes: true, owner: `npm run ${name.replace('-', ':')}` })
  const closing: (() => Promise<unknown>)[] = [() => down(name, quiet)]
  try {
    return await measure(await open(stack, { policies, environment }, closing))
  } finally {
    for (const close of closing.reverse()) await close()
  }
}

async function open(
  stack: Stack,
  { policies, environment = {} }: Omit<Settings, 'name'>,
  closing: (() => Promise<unknown>)[],
): Promise<BenchHub> {
  const kubectlAt = { kubectl: stack.bin.kubectl, kubeconfig: stack.kubernetes.kubeconfig }
  const registry = stack.registry.host
  const build = { registry, cacheDir: join(stack.stateDir, 'images') }
  await Promise.all([
    stack.postgres.createDatabase('refit'),
    stack.postgres.createDatabase('hub'),
    buildAndPush({ ...build, tags: [...firstReleases] }),
  ])
  const databaseUrl = stack.postgres.podUrl('hub')
  const deployed = await deployHub({ ...kubectlAt, namespace, registry, databaseUrl, environment })
  const configFile = join(stack.stateDir, 'refit.yaml')
  await writeFile(
    configFile,
    `hub: { name: bench, environment: bench }
scan: { every: 1s }
registries: [{ host: "\${REGISTRY}", insecure: true }]
policies:
${policies}`,
  )
  const refit = new Refit({
    configFile,
    env: refitEnvironment(stack),
    logFile: join(stack.stateDir, 'worker.log'),
    healthAddress: `127.0.0.1:${await getPort()}`,
  })
  await refit.startWorker()
  closing.push(() => refit.stopWorker())
  const connection = await Connection.connect({ address: stack.temporal.address })
  closing.push(() => connection.close())
  const store = createStore(stack.postgres.url('refit'))
  closing.push(() => store.close())
  const workflow = (service: string) =>
    new Client({ connection }).workflow.getHandle(upgradeWorkflowId(namespace, service))
  const seen = (service: string, what: string, done: (row: UpgradeRow) => boolean) =>
    upgradeWhere(store, { namespace, service }, done, { withinMs: 300_000, everyMs: 50, what })
  const publish = async (releases: Release[]): Promise<void> => void (await buildAndPush({ ...build, releases }))
  return {
    ...deployed,
    stack,
    store,
    databaseUrl: stack.postgres.url('hub'),
    kubectl: (...args) => runKubectl(kubectlAt, ['-n', namespace, ...args]),
    publish,
    image: (release) => `${registry}/hub/${releaseName(release)}`,
    async offered(release) {
      await publish([release])
      const isWaiting = ({ toTag, phase, outcome }: UpgradeRow): boolean =>
        toTag === release.tag && phase === 'approval' && outcome === null
      return seen(release.service, `the approval of ${release.tag}`, isWaiting)
    },
    async approve({ service, planHash }) {
      await workflow(service).signal('approve', { by: 'bench', planHash })
    },
    ended: ({ service, id, toTag }) =>
      seen(service, `the end of ${toTag}`, (row) => row.id === id && row.outcome !== null),
    historyLength: async (service) => (await workflow(service).describe()).historyLength,
  }
}

/** Runs a bench as a program: its result is the last line, its error the exit code. */
export function runBench(main: () => Promise<object>): void {
  main().then(
    (result) => {
      process.stdout.write(`${JSON.stringify(result)}\n`)
      process.exit(0)
    },
    (error: unknown) => {
      process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
      process.exit(1)
    },
  )
}
