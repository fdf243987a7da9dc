import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Client } from 'pg'
import { searchAttributes } from '../../src/clients/temporal'
import { loadConfig } from '../../src/config'
import { permissionsFor } from '../../src/operations/permissions'
import { storeSql } from '../../src/operations/permissions/database'
import { createStore } from '../../src/store'
import type { Stack } from '../../stack'
import { kubeconfigOf } from './service-account'

interface Hub {
  stack: Stack
  configFile: string
  env: NodeJS.ProcessEnv
  kubectl(...args: string[]): Promise<string>
  apply(manifest: object): Promise<void>
}

/**
 * In cluster and store exactly what `refit permissions` prints for this refit.yaml: the variables with both logins. With
 * `allRights` in the store only, and Refit acts in the cluster as whoever the variables name.
 */
export async function leastPrivilege(hub: Hub, { allRights }: { allRights: boolean }): Promise<NodeJS.ProcessEnv> {
  const [REFIT_KUBECONFIG, DATABASE_URL] = await Promise.all([
    allRights ? Promise.resolve(undefined) : clusterLogin(hub),
    storeLogin(hub.stack),
  ])
  return { DATABASE_URL, ...(REFIT_KUBECONFIG === undefined ? {} : { REFIT_KUBECONFIG }) }
}

async function clusterLogin({ stack, configFile, env, kubectl, apply }: Hub): Promise<string> {
  // What a test adds to the environment later changes no right.
  const unset = (name: string): string => (name.startsWith('SMTP') ? 'smtp://unset.example' : 'https://unset.example')
  const known = new Proxy(env, { get: (target, name: string) => target[name] ?? unset(name) })
  const config = loadConfig({ file: configFile, env: known })
  const { kubernetes } = permissionsFor(config, {
    ...{ namespace: 'refit', worker: 'refit', server: 'refit-server', serverLooks: false, pullSecrets: [] },
    ...{ cluster: false, env, searchAttributes, temporal: stack.temporal },
  })
  const namespaces = new Set(['refit', ...kubernetes.grants.map(({ namespace }) => namespace)])
  const made = [...namespaces].map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }))
  await apply({ apiVersion: 'v1', kind: 'List', items: [...made, ...kubernetes.manifests] })
  const file = join(stack.stateDir, 'refit.kubeconfig')
  return kubeconfigOf({ kubectl, server: stack.kubernetes.server }, { namespace: 'refit', name: 'refit' }, file)
}

/** A role that makes the store's tables itself and may not change what people did. */
async function storeLogin({ postgres }: Stack): Promise<string> {
  const own = new URL(postgres.url('refit'))
  own.username = 'refit'
  const statements = storeSql('refit', 'refit').map((each) => each.replace(/;.*$/, ''))
  const [inServer, inDatabase] = [statements.slice(0, -2), statements.slice(-1)]
  await run(postgres.url('postgres'), [...inServer, `alter role refit password '${own.password}'`])
  await run(postgres.url('refit'), inDatabase)
  const store = createStore(own.href)
  await store.migrate()
  await store.close()
  await run(postgres.url('refit'), [readFileSync(join(__dirname, '../../deploy/postgres/audit.sql'), 'utf8')])
  return own.href
}

async function run(url: string, statements: string[]): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    for (const each of statements) await client.query(each)
  } finally {
    await client.end()
  }
}
