import { RefitError } from '../../domain/errors'
import { heldCapMs } from '../../domain/migrations/lock-ladder'
import type { MigrationFile } from '../../domain/plan'
import type { Lease } from '../backfill-lease'
import { isMysql } from '../database-url'
import { assertPlanned, isCode } from './list-files'
import { openBook } from './run-book'
import { type MigrationRun, pathOf, type RunLimits, type Running } from './run-contract'
import type { Mode } from './run-execute'
import { failureOf } from './run-failure'
import { runFile } from './run-file'
import { runOutside } from './run-outside'
import { openMysql } from './run-mysql'
import { openPostgres } from './run-postgres'
import { becameOf, dirtyError } from './run-recovery'
import type { RunSession } from './run-session'
import { openFile } from './run-source'

const usualLimits: RunLimits = { heldMs: heldCapMs, ddlMs: 15_000, pace: 1 }

/** One run at a time on a database, whatever it is about. */
export const runLease = 'migrations'

/**
 * Applies one phase's pending files (.js, .cjs, .sql), each alone and each as one transaction where it can be: on one
 * connection, under a lease that ends with it. The list of applied files has knex's shape.
 *
 * A killed run leaves nothing of a file that is a transaction. What became of another one the schema's fingerprint tells the
 * next run: it is run again, recorded, or MIGRATION_DIRTY, which is never stepped over. MIGRATION_FAILED left nothing behind.
 */
export async function runMigrations(run: MigrationRun): Promise<{ applied: string[] }> {
  const files = run.files.filter(isCode)
  await assertPlanned(run.directory, run.phase, files)
  if (files.length === 0) return { applied: [] }
  let killed: Promise<void> | undefined
  let session: RunSession | undefined
  // Whoever is told that it has ended may judge it: so nothing of it may go on at the server.
  const kill = (): void => void (killed = session?.kill().catch(() => undefined))
  try {
    run.signal?.throwIfAborted()
    session = await (isMysql(run.url) ? openMysql(run.url) : openPostgres(run.url))
    run.signal?.addEventListener('abort', kill, { once: true })
    const lease = await takeLease(run, session)
    run.heartbeat('took the lease')
    return { applied: await underLease(run, session, lease, files) }
  } catch (error) {
    if (run.signal?.aborted) throw run.signal.reason
    if (run.stop?.aborted && error === run.stop.reason) throw error
    throw failureOf(error, run.phase)
  } finally {
    run.signal?.removeEventListener('abort', kill)
    await killed
    await session?.close()
  }
}

async function takeLease(run: MigrationRun, session: RunSession): Promise<Lease> {
  await session.makeTables()
  const lease = await session.takeLease({
    name: runLease,
    owner: run.owner ?? run.list,
    waiting: (holder) => run.heartbeat(`waiting for another migration run on this database, of ${holder}`),
    signal: eitherOf(run.signal, run.stop),
  })
  if (!lease) throw run.signal?.reason ?? run.stop?.reason
  return lease
}

const eitherOf = (...signals: (AbortSignal | undefined)[]): AbortSignal =>
  AbortSignal.any(signals.filter((each) => each !== undefined))

async function underLease(
  run: MigrationRun,
  session: RunSession,
  lease: Lease,
  files: readonly MigrationFile[],
): Promise<string[]> {
  const book = await openBook(session, run.list, run.phase)
  const running: Running = { run, session, lease, book, limits: { ...usualLimits, ...run.limits } }
  const done = new Set(await book.applied())
  await refuseEdited(running, files, done)
  const applied: string[] = []
  for (const file of files.filter(({ name }) => !done.has(name))) {
    run.signal?.throwIfAborted()
    run.stop?.throwIfAborted()
    await session.beatLease(lease)
    run.heartbeat(`${pathOf(file)}: next`)
    await apply(running, file)
    applied.push(file.name)
    run.heartbeat(`${run.phase}: applied ${file.name}`)
  }
  await session.releaseLease(lease)
  return applied
}

/** Runs one file, or records it when an earlier run has done it. */
async function apply(running: Running, file: MigrationFile): Promise<void> {
  const { run, session, book, lease } = running
  await session.settle()
  const child = await openFile(run, file, session)
  try {
    const { transaction, isRepeatable } = await child.loaded
    const earlier = (await book.attempts()).get(file.name)
    const became = earlier?.before === undefined ? 'again' : await becameOf(running, file, isRepeatable)
    if (became === 'dirty') {
      await book.dirty(file)
      throw await dirtyError(running, file)
    }
    if (became === 'applied') {
      await session.query('begin')
      await session.checkLease(lease)
      await book.record(file, lease)
      await session.query('commit')
      return
    }
    const mode: Mode = !transaction ? 'single' : session.engine === 'mysql' ? 'mixed' : 'whole'
    if (mode === 'whole') await runFile(running, file, mode, child)
    else await runOutside(running, file, mode, child)
  } finally {
    await child.stop()
  }
}

/** knex doesn't notice a file that was edited after it was applied. */
async function refuseEdited(
  { book, run }: Running,
  files: readonly MigrationFile[],
  done: ReadonlySet<string>,
): Promise<void> {
  const attempts = await book.attempts()
  const edited = files.filter(({ name, sha256 }) => {
    const attempt = attempts.get(name)
    return done.has(name) && attempt?.state === 'applied' && attempt.sha256 !== sha256
  })
  if (edited.length > 0)
    throw new RefitError(
      'MIGRATION_CHANGED',
      `${edited.map(pathOf).join(', ')} in ${run.directory} was edited after it was applied.`,
      'Restore it, and put what is to change into a file of its own.',
    )
}
