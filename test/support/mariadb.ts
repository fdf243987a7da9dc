import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import getPort from 'get-port'
import { createConnection } from 'mysql2/promise'
import { findProgram } from '../../stack/run'

export interface TestMariaDb {
  /** a new, empty database; its URL */
  create(): Promise<string>
  /** the rows of one statement, on a connection of its own */
  query<Row>(url: string, sql: string): Promise<Row[]>
  remove(): Promise<void>
}

const patienceMs = 30_000

/** A real MariaDB for one test file, on this machine only: Debian's package mariadb-server-core, which `npm test` installs. */
export async function testMariaDb(): Promise<TestMariaDb> {
  const folder = mkdtempSync(join(tmpdir(), 'refit-mariadb-'))
  const data = join(folder, 'data')
  // Root's server must be told that it may be root's; everybody else's runs as who starts it.
  const user = process.getuid?.() === 0 ? ['--user=root'] : []
  mkdirSync(data)
  execFileSync(program('mariadbd'), ['--no-defaults', '--bootstrap', `--datadir=${data}`, ...user], {
    input: systemTables(),
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  const port = await getPort({ host: '127.0.0.1' })
  const log = join(folder, 'log')
  const server = spawn(
    program('mariadbd'),
    [
      ...['--no-defaults', `--datadir=${data}`, '--bind-address=127.0.0.1', `--port=${port}`, ...user],
      ...[`--socket=${join(folder, 'socket')}`, `--pid-file=${join(folder, 'pid')}`, `--log-error=${log}`],
      // What it keeps is thrown away.
      ...[
        '--innodb-flush-log-at-trx-commit=0',
        '--innodb-doublewrite=0',
        '--innodb-flush-method=nosync',
        '--innodb-file-per-table=0',
        '--sync-frm=0',
        '--skip-name-resolve',
      ],
    ],
    { stdio: 'ignore' },
  )
  const urlOf = (database: string): string => `mysql://root@127.0.0.1:${port}/${database}`
  const query = async <Row>(url: string, sql: string): Promise<Row[]> => {
    const connection = await createConnection({ uri: url, connectTimeout: 5_000 })
    try {
      return (await connection.query(sql))[0] as Row[]
    } finally {
      await connection.end()
    }
  }
  const remove = async (): Promise<void> => {
    const ended = new Promise((resolve) => server.once('exit', resolve))
    if (server.exitCode === null && server.kill('SIGKILL')) await ended
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    for (const end = Date.now() + patienceMs; ;) {
      if (server.exitCode !== null) throw new Error(`mariadbd ended: ${readFileSync(log, 'utf8').slice(-2_000)}`)
      if (await query(urlOf(''), 'select 1').catch(() => undefined)) break
      if (Date.now() > end) throw new Error('mariadbd did not start')
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  } catch (error) {
    await remove()
    throw error
  }
  let databases = 0
  return {
    async create() {
      const name = `test_${(databases += 1)}`
      await query(urlOf(''), `create database ${name}`)
      return urlOf(name)
    },
    query,
    remove,
  }
}

/** What mariadb-install-db does, which wants a program of another package. Root logs in without a password, from this machine. */
const systemTables = (): string =>
  [
    'create database mysql;\nuse mysql;\nset @auth_root_socket = null;',
    ...['mysql_system_tables.sql', 'mysql_system_tables_data.sql'].map((file) =>
      readFileSync(join('/usr/share/mysql', file), 'utf8'),
    ),
  ].join('\n')

function program(name: string): string {
  const found = findProgram(name)
  if (!found) throw new Error(`${name} is missing: apt-get install --no-install-recommends mariadb-server-core`)
  return found
}
