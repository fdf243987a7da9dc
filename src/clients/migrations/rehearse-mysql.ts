import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { RefitError } from '../../domain/errors'
import { worstAnswer } from '../../domain/migrations/answer'
import { worstVerdict } from '../../domain/migrations/finding'
import type { MysqlStatement } from '../../domain/migrations/mysql-findings'
import { changeLines, schemaChange } from '../../domain/migrations/schema-items'
import type { TableSizes } from '../../domain/migrations/size-band'
import { canonical } from '../../domain/plan'
import { readApplied } from '../applied-migrations'
import { runKnexFile } from './knex-child'
import { openMysqlLog } from './mysql-log'
import { type MysqlRun, reportOf } from './mysql-report'
import { replayMysql } from './mysql-replay'
import { mysqlFingerprintOf, openMysqlScratch, withMysql } from './mysql-scratch'
import { readMigrations, type ReadFile } from './read-directory'
import type { RehearseOptions } from './rehearse-files'
import type { Scratch } from './scratch'

interface Input extends Omit<RehearseOptions, 'files'> {
  sizes: TableSizes
  /** knex's table of applied files on the copy */
  list: string
  /** the paths to rehearse, whatever the list says */
  only?: readonly string[]
}

/**
 * `rehearse` for MySQL and MariaDB: the pending files run for real in a scratch database of a throw-away server, what they
 * sent is taken from its log and run one by one on a second, asking for the gentlest form of each change of a table.
 */
export async function rehearseMysql({ sizes, list, only, ...options }: Input) {
  const all = await readMigrations(options.directory)
  const done = options.useExisting && !only ? await appliedOn(options.url, list) : []
  const isApplied = ({ path }: ReadFile): boolean =>
    only ? !only.includes(path) : done.includes(path.slice(path.lastIndexOf('/') + 1))
  const pending = all.filter((file) => !isApplied(file))
  if (pending.length === 0)
    throw new RefitError(
      'USAGE',
      `Every migration in ${options.directory} is applied on the copy.`,
      'Nothing is to be rehearsed.',
    )
  options.say('making the copies')
  const scratch = await openMysqlScratch(options)
  try {
    const { runs, isFaithful } = await onCopies(scratch, pending, options)
    const files = runs.map((run) => reportOf(run, runs, sizes))
    const [first, last] = [runs[0], runs.at(-1)] as [MysqlRun, MysqlRun]
    const told = {
      verdict: worstVerdict(
        files.map(({ verdict }) => ({ verdict: verdict === 'light' ? ('note' as const) : verdict })),
      ),
      answer: worstAnswer([...files.map(({ answer }) => answer), ...(isFaithful ? [] : ['needs-override' as const])]),
      ...{ version: scratch.version, files, isFaithful },
      applied: all.filter(isApplied).map(({ path }) => path),
      notRun: pending.slice(files.length).map(({ path }) => path),
      schema: {
        ...{ before: first.before.sha256, after: last.after.sha256 },
        changes: changeLines(schemaChange(first.before.items, last.after.items)),
      },
    }
    return { ...told, digest: createHash('sha256').update(canonical(told)).digest('hex') }
  } catch (error) {
    if (!options.signal?.aborted) throw error
    throw new RefitError('WAIT_EXPIRED', 'The rehearsal was interrupted.', 'Its copies are dropped. MysqlRun it again.')
  } finally {
    await scratch.remove()
  }
}

const appliedOn = async (url: string, table: string): Promise<readonly string[]> =>
  (await readApplied({ url, place: '--copy', hint: table })).names

type Options = Omit<RehearseOptions, 'files'>

async function onCopies(
  scratch: Scratch,
  pending: ReadFile[],
  options: Options,
): Promise<{ runs: MysqlRun[]; isFaithful: boolean }> {
  const real = scratch.origin
  const second = await scratch.copy(real)
  const log = await openMysqlLog(real)
  const runs: MysqlRun[] = []
  try {
    for (const file of pending) {
      options.say(`running ${file.path}`)
      const before = await mysqlFingerprintOf(real)
      // What looked at the copy before is no part of the file.
      await log.statements()
      const { failure } = await runOnce(real, file, 'up', options)
      const sent = await log.statements()
      const after = await mysqlFingerprintOf(real)
      const run: MysqlRun = { file, before, after, ...(failure === undefined ? {} : { failure }) }
      runs.push(run)
      if (failure !== undefined) {
        // It may be what never ended.
        if (sent) run.statements = sent.map((sql) => ({ sql }))
        break
      }
      if (sent) run.statements = await replayed(sent, second, options, file)
      await repeatedAndUndone(scratch, run, options)
    }
  } finally {
    await log.close()
  }
  const isSeen = runs.every(({ statements }) => statements !== undefined)
  const isWhole = runs.every(({ failure }) => failure === undefined)
  const last = runs.at(-1)?.after.sha256
  return { runs, isFaithful: !isSeen || !isWhole || (await mysqlFingerprintOf(second)).sha256 === last }
}

function replayed(
  sent: string[],
  second: string,
  { say, deadlineMs }: Options,
  { path }: ReadFile,
): Promise<MysqlStatement[]> {
  say(`replaying ${path}`)
  return replayMysql(second, sent, deadlineMs)
}

/** The file a second time on a copy; then the down of expand, on that one if nothing had changed there. */
async function repeatedAndUndone(scratch: Scratch, run: MysqlRun, options: Options): Promise<void> {
  const { file, before, after } = run
  options.say(`running ${file.path} a second time`)
  const twice = await scratch.copy(scratch.origin)
  const { failure } = await runOnce(twice, file, 'up', options)
  const isSame = failure === undefined && (await mysqlFingerprintOf(twice)).sha256 === after.sha256
  run.again = failure !== undefined ? 'fails' : isSame ? 'same' : 'changes'
  if (file.kind !== 'knex' || (file.phase !== undefined && file.phase !== 'expand')) return
  options.say(`undoing ${file.path}`)
  const once = isSame ? twice : await scratch.copy(scratch.origin)
  const undone = await runOnce(once, file, 'down', options)
  if (undone.isMissing) run.down = 'none'
  else if (undone.failure !== undefined) run.down = 'fails'
  else run.down = (await mysqlFingerprintOf(once)).sha256 === before.sha256 ? 'restores' : 'differs'
}

async function runOnce(
  url: string,
  file: ReadFile,
  direction: 'up' | 'down',
  { directory, deadlineMs, signal }: Options,
): Promise<{ failure?: string; isMissing?: boolean }> {
  signal?.throwIfAborted()
  if (file.kind === 'sql') return runSql(url, file.sql ?? '', deadlineMs)
  const child = {
    directory,
    file: join(directory, file.path),
    direction,
    url,
    deadlineMs,
    ...(signal ? { signal } : {}),
  }
  const { failure, isMissing } = await runKnexFile(child)
  if (failure !== undefined) return { failure }
  if (isMissing) return direction === 'up' ? { failure: 'it exports no function up' } : { isMissing }
  return {}
}

const runSql = (url: string, sql: string, timeout: number): Promise<{ failure?: string }> =>
  withMysql(url, (connection) =>
    connection.query({ sql, timeout }).then(
      () => ({}),
      (error: unknown) => ({ failure: error instanceof Error ? error.message.slice(0, 2_000) : String(error) }),
    ),
  )
