import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Client, Connection } from '@temporalio/client'
import getPort from 'get-port'
import { Refit, refitEnvironment, runCommand } from '../../demo/refit'
import { upgradeWhere } from '../../demo/upgrade-where'
import { deployHub, runKubectl } from '../../examples/hub/deploy'
import { buildAndPush } from '../../examples/hub/images'
import { firstReleases } from '../../examples/hub/releases'
import { createStore } from '../../src/store'
import type { Store, UpgradeRow } from '../../src/store/contracts'
import { down, up, type Stack } from '../../stack'
import { buildRefit } from './built'

/** The sample hub on the real node with a built Refit beside it, for tests that kill and race. */
export interface RealHub {
  stack: Stack
  store: Store
  refit: Refit
  temporal: Client
  env: NodeJS.ProcessEnv
  /** a namespace with the hub and its own database; at v1.0.0 unless told otherwise */
  deploy(namespace: string, ledger?: string): Promise<{ ports: { ledger: number; quoting: number } }>
  publish(...releases: string[]): Promise<Record<string, string>>
  kubectl(...args: string[]): Promise<string>
  /** `temporal …` as a person types it */
  temporalCli(...args: string[]): Promise<string>
  /** replaces refit.yaml; the worker reads it at its next start */
  configure(yaml: string): Promise<void>
  close(): Promise<void>
}

export async function openRealHub(): Promise<RealHub> {
  buildRefit()
  const name = `test-${randomBytes(3).toString('hex')}`
  const stack = await up({ name, node: 'real', yes: true, owner: 'npm test' })
  await stack.postgres.createDatabase('refit')
  const configFile = join(stack.stateDir, 'refit.yaml')
  const env = refitEnvironment(stack)
  const store = createStore(stack.postgres.url('refit'))
  const connection = await Connection.connect({ address: stack.temporal.address })
  const temporal = new Client({ connection, namespace: stack.temporal.namespace })
  const kubectlAt = { kubectl: stack.bin.kubectl, kubeconfig: stack.kubernetes.kubeconfig }
  const refit = new Refit({
    configFile,
    env,
    logFile: join(stack.stateDir, 'logs', 'refit-worker.log'),
    healthAddress: `127.0.0.1:${await getPort()}`,
  })
  const publish = (...tags: string[]) =>
    buildAndPush({ registry: stack.registry.host, cacheDir: join(stack.stateDir, 'images'), tags })
  return {
    stack,
    store,
    refit,
    temporal,
    env,
    publish,
    kubectl: (...args) => runKubectl(kubectlAt, args),
    async deploy(namespace, ledger = 'v1.0.0') {
      const database = namespace.replaceAll('-', '_')
      await Promise.all([stack.postgres.createDatabase(database), publish(...firstReleases, `ledger:${ledger}`)])
      return deployHub({
        ...kubectlAt,
        namespace,
        registry: stack.registry.host,
        databaseUrl: stack.postgres.podUrl(database),
        environment: { SICK_AFTER_SECONDS: '4' },
        tags: { ledger },
      })
    },
    async temporalCli(...args) {
      const { code, output } = await runCommand(stack.bin.temporal, [...args, '--address', stack.temporal.address], env)
      if (code !== 0) throw new Error(`temporal ${args.join(' ')}: ${output}`)
      return output
    },
    configure: (yaml) => writeFile(configFile, yaml),
    async close() {
      await refit.stopWorker()
      await connection.close()
      await store.close()
      await down(name, { purge: true })
    },
  }
}

/** A refit.yaml over one namespace; times are short, conditions decide when a test goes on. */
export const hubConfig = (namespace: string, rules = ''): string => `hub: { name: test-hub, environment: test }
scan: { every: 2s }
registries: [{ host: "\${REGISTRY}", insecure: true }]
policies:
${ledgerPolicy(namespace, rules)}`

/** How the ledger of one namespace may move; `rules` are further lines of its policy. */
export const ledgerPolicy = (namespace: string, rules = ''): string => `  - name: ${namespace}
    select: { namespaces: [${namespace}], images: ['*/hub/ledger'] }
    mode: approve
    strategy: minor
    approval: { required: 1, unverified: accept, expires: 1h }
    migrations: [{ kind: job, command: [node, /app/ledger.js, migrate] }]
    rollout: { bake: 8s, stall: 20s, deadline: 3m, maxUnavailable: 1 }
    health: [{ http: /health, port: 3001, expect: { status: OK, version: $.versionNumber } }]
${rules && `    ${rules}\n`}`

/** The namespace's newest upgrade of the ledger, once it is one to this tag and as asked. */
export const ledgerUpgrade = (
  store: Store,
  namespace: string,
  tag: string,
  done: (row: UpgradeRow) => boolean,
): Promise<UpgradeRow> =>
  upgradeWhere(store, { namespace, service: 'ledger' }, (row) => row.toTag === tag && done(row), {
    withinMs: 240_000,
    what: `an upgrade to ${tag} as the test wants it`,
  })

export const inPhase = (phase: string) => (row: UpgradeRow) => row.phase === phase || row.outcome !== null
export const ended = (row: UpgradeRow): boolean => row.outcome !== null
