import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { listMigrationFiles, runMigrations } from '../../../src/clients/knex-migrations'
import type { MigrationRun, RehearsedFingerprints } from '../../../src/clients/migrations/run-contract'
import type { RunSession } from '../../../src/clients/migrations/run-session'
import { until } from '../../support/backfill'
import type { ProcessRun } from '../../support/migration-process'

/** A database with 200 accounts, on one engine. */
export interface Engine {
  name: 'PostgreSQL' | 'MariaDB'
  create(): Promise<string>
  query<Row>(url: string, sql: string): Promise<Row[]>
  open(url: string): Promise<RunSession>
  /** looks for a session of the run whose statement has this text */
  running(text: string): string
  /** looks for sessions of the run but this one; undefined where the server notices only at the next word */
  left?: (session: number) => string
  /** a statement that waits while there is a row in `arm` */
  marker: string
}

export interface Point {
  phase: 'expand' | 'contract'
  what: string
  /** statements of the files, in order; the point is in the last one */
  files: { name: string; statements: string[]; config?: string }[]
  /** dies at this heartbeat */
  dieAt?: string
  /** what another session keeps from it, and the statement that then waits */
  hold?: string[]
  at?: string
  /** with the fingerprints of a rehearsal */
  rehearsed?: boolean
  /** what the last file adds to each balance */
  adds?: number
  /** how it ends after the second run */
  ends: 'applied' | 'dirty'
  /** what the account of a dirty one names */
  names?: string
}

export const accounts = 200
const patienceMs = 120_000
const list = 'hub_ledger'

const fileText = (statements: string[], config = ''): string =>
  `exports.up = async (knex) => { for (const sql of ${JSON.stringify(statements)}) await knex.raw(sql) }\n${config}\n`

interface Seen {
  ends: string
  message: string
  /** times that the last file is in the list */
  recorded: number
  rows: number
  /** what was added to all balances together */
  added: number
}

/** Kills a run at the point, lets another one run, and looks what is there. */
export async function killedAt(engine: Engine, point: Point): Promise<Seen> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`${point.what}: stuck`)), patienceMs)
  })
  return Promise.race([lookAt(engine, point), late]).finally(() => clearTimeout(timer))
}

async function lookAt(engine: Engine, point: Point): Promise<Seen> {
  const folder = mkdtempSync(join(tmpdir(), 'refit-kill-'))
  try {
    const url = await prepared(engine)
    const directory = join(folder, 'files')
    mkdirSync(join(directory, point.phase), { recursive: true })
    for (const { name, statements, config } of point.files)
      writeFileSync(
        join(directory, point.phase, name),
        name.endsWith('.sql') ? `${statements.join(';\n')};\n` : fileText(statements, config),
      )
    const rehearsed = point.rehearsed ? await rehearse(engine, directory, point) : undefined
    const run = { url, directory, phase: point.phase, list, limits: { pace: 0.1 }, ...(rehearsed ? { rehearsed } : {}) }
    if (point.dieAt === undefined && point.at === undefined) await engine.query(url, 'insert into arm values (1)')
    await kill(engine, point, { ...run, result: join(folder, 'result') })
    await engine.query(url, 'delete from arm')
    const files = (await listMigrationFiles(directory)).filter(({ phase }) => phase === point.phase)
    const end = await runMigrations({ ...run, files, heartbeat: () => undefined }).then(
      () => ({ ends: 'applied', message: '' }),
      (error: { code: string; message: string }) => ({ ends: error.code, message: error.message }),
    )
    return { ...end, ...(await stateOf(engine, url, point)) }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The accounts, and the tables of a run that had nothing to do, so that they can be held. */
async function prepared(engine: Engine): Promise<string> {
  const url = await engine.create()
  await engine.query(url, 'create table account (id int primary key, balance int not null, old int)')
  await engine.query(url, 'create table arm (is_on int not null)')
  const values = Array.from({ length: accounts }, (_, n) => `(${n}, 0, ${n})`).join(', ')
  await engine.query(url, `insert into account (id, balance, old) values ${values}`)
  const folder = mkdtempSync(join(tmpdir(), 'refit-first-'))
  for (const phase of ['expand', 'contract'] as const) {
    mkdirSync(join(folder, phase))
    writeFileSync(join(folder, phase, `0_${phase}.js`), 'exports.up = async () => {}\n')
  }
  for (const phase of ['expand', 'contract'] as const) await runAll(url, folder, phase)
  rmSync(folder, { recursive: true })
  return url
}

async function runAll(url: string, directory: string, phase: MigrationRun['phase']): Promise<void> {
  const files = (await listMigrationFiles(directory)).filter((file) => file.phase === phase)
  await runMigrations({ url, directory, phase, files, list, heartbeat: () => undefined })
}

async function rehearse(engine: Engine, directory: string, point: Point): Promise<MigrationRun['rehearsed']> {
  const url = await prepared(engine)
  const session = await engine.open(url)
  const last = point.files.at(-1)
  const before = (await session.fingerprint()).sha256
  await runAll(url, directory, point.phase)
  const after = (await session.fingerprint()).sha256
  await session.close()
  const seen: RehearsedFingerprints = { before, after }
  return { [`${point.phase}/${last?.name}`]: seen }
}

async function kill(engine: Engine, point: Point, run: ProcessRun): Promise<void> {
  const holder = point.hold ? await engine.open(run.url) : undefined
  try {
    for (const sql of point.hold ?? []) await holder?.query(sql)
    const child = start({ ...run, ...(point.dieAt === undefined ? {} : { dieAt: point.dieAt }) })
    const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
    if (point.dieAt === undefined) {
      const text = point.at ?? '/* marker */'
      await Promise.race([
        until(async () => (await engine.query(run.url, engine.running(text))).length > 0),
        ended.then(() => Promise.reject(new Error(`${point.what}: it ended before it could be killed`))),
      ])
      child.kill('SIGKILL')
    }
    await ended
    // What the hold keeps it from must not be done after all.
    const { left } = engine
    if (holder && left) await until(async () => (await engine.query(run.url, left(holder.id))).length === 0)
    if (child.signalCode !== 'SIGKILL') throw new Error(`${point.what}: it ended by itself`)
  } finally {
    await holder?.close()
  }
}

function start(run: ProcessRun): ChildProcess {
  const program = join(__dirname, '../../support/migration-process.ts')
  const args = ['--import', 'tsx', program, JSON.stringify(run)]
  return spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] })
}

async function stateOf(engine: Engine, url: string, point: Point): Promise<Omit<Seen, 'ends' | 'message'>> {
  const lists = await engine.query<{ name: string }>(
    url,
    `select table_name as name from information_schema.tables where table_name like 'refit%${point.phase}' and table_schema in ('public', database_of())`.replace(
      'database_of()',
      engine.name === 'MariaDB' ? 'database()' : `'public'`,
    ),
  )
  const name = point.files.at(-1)?.name ?? ''
  const recorded = await engine.query(url, `select 1 as is_in from ${lists[0]?.name} where name = '${name}'`)
  const [sums] = await engine.query<{ rows_now: number; added: number }>(
    url,
    'select count(*) as rows_now, sum(balance) as added from account',
  )
  return { recorded: recorded.length, rows: Number(sums?.rows_now), added: Number(sums?.added) }
}
