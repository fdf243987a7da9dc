import { lockCapMs, mostTries, pauseAfterMs } from '../../domain/migrations/lock-ladder'
import { RefitError } from '../../domain/errors'
import type { MigrationFile } from '../../domain/plan'
import { sleep } from '../registry/sleep'
import type { MigrationChild } from './run-child'
import { pathOf, type Running } from './run-contract'
import { executorOf, type Mode } from './run-execute'
import { openFile } from './run-source'
import type { Blocker } from './run-session'

/** A file that is slow under its lock by itself is no better the next time. */
const slowTries = 2
const longestWaitMs = 60_000

interface Try {
  mode: Mode
  attempt: number
  child: MigrationChild
  /** looks whether what it did is of use */
  beforeRecord: (() => Promise<void>) | undefined
}

type TryEnd = { kind: 'done' } | { kind: 'locked' | 'slow' | 'failed'; error: unknown; blockers: Blocker[] }

/** A try that waited in vain, of a file that may have done something before. */
export class GotNoLock extends Error {
  constructor(
    readonly blockers: readonly Blocker[],
    cause: unknown,
  ) {
    super(cause instanceof Error ? cause.message : String(cause), { cause })
  }
}

/**
 * Runs one file and records it, again and again where it got no lock: as a whole where that leaves nothing behind. What it
 * throws left nothing of a `whole` file; of another one, who knows.
 */
export async function runFile(
  running: Running,
  file: MigrationFile,
  mode: Mode,
  first: MigrationChild,
  beforeRecord?: () => Promise<void>,
): Promise<void> {
  let child: MigrationChild | undefined = first
  let slow = 0
  for (let attempt = 1; ; attempt += 1) {
    const { run, session } = running
    child ??= await openFile(run, file, session)
    const end = await once(running, file, { mode, attempt, child, beforeRecord })
    child = undefined
    if (end.kind === 'done') return
    run.signal?.throwIfAborted()
    if (end.kind === 'locked' && mode !== 'whole') throw new GotNoLock(end.blockers, end.error)
    if (end.kind === 'failed' || mode !== 'whole') throw end.error
    if (end.kind === 'slow' && (slow += 1) >= slowTries) throw end.error
    if (attempt >= mostTries) throw await gaveUp(running, file, end.blockers)
    await pause(running, file, attempt, end.blockers)
    run.stop?.throwIfAborted()
  }
}

/** One try: the child runs, its statements are sent here, and the record is made with them. */
async function once(
  running: Running,
  file: MigrationFile,
  { mode, attempt, child, beforeRecord }: Try,
): Promise<TryEnd> {
  const { run, session, lease, book, limits } = running
  const isOverridden = run.overrides?.includes(pathOf(file))
  const heldMs = isOverridden ? Infinity : limits.heldMs
  const watch = await session.watch(heldMs, () => held())
  const begin = async (): Promise<void> => {
    await session.query('begin')
    await session.checkLease(lease)
  }
  const executor = executorOf({
    ...{ session, mode, watch, attempt, begin },
    ...{ heldMs, onHeld: () => held(), ddlMs: isOverridden ? 0 : limits.ddlMs },
    beforeWrite: () => book.wrote(file),
    pause: (tries) => pause(running, file, tries, watch.blockers),
  })
  let isSlow = false
  let isWaiting = false
  // Nothing is rolled back under its record.
  let isRecording = false
  const held = (): void => {
    if (isRecording) return
    isWaiting = watch.isWaiting()
    isSlow = !isWaiting
    executor.stop(tooLong(file, watch.heldTables(), heldMs))
    void child.stop()
  }
  const late = limits.fileMs === undefined ? undefined : setTimeout(() => tooLate(), limits.fileMs)
  const tooLate = (): void => {
    if (isRecording) return
    executor.stop(neverEnds(file, limits.fileMs ?? 0))
    void child.stop()
  }
  try {
    if (mode !== 'single') await begin()
    await child.run((sql, values) => executor.execute(sql, values))
    await beforeRecord?.()
    if (executor.stopped) throw executor.stopped
    isRecording = true
    if (mode === 'single') await begin()
    else if (session.isInTransaction() === false) throw left(file)
    await session.bound({ lockMs: lockCapMs, statementMs: 0 })
    await book.record(file, lease)
    await session.query('commit')
    return { kind: 'done' }
  } catch (error) {
    await session.query('rollback').catch(() => undefined)
    await session.bound({ lockMs: 5_000, statementMs: 0 }).catch(() => undefined)
    const { blockers } = watch
    if (executor.lockFailed || isWaiting) return { kind: 'locked', error, blockers }
    return { kind: isSlow ? 'slow' : 'failed', error: executor.stopped ?? error, blockers }
  } finally {
    clearTimeout(late)
    await child.stop()
    await watch.stop()
  }
}

/** Waits at least its time, and then until nobody has for long what was waited for: who queues makes others queue. */
export async function pause(
  { run, session, limits }: Running,
  file: MigrationFile,
  attempt: number,
  blockers: readonly Blocker[],
): Promise<void> {
  const { heartbeat, signal } = run
  heartbeat(`${pathOf(file)}: no lock in try ${attempt} of ${mostTries}`)
  await sleep(pauseAfterMs(attempt, Math.random()) * limits.pace, signal)
  for (let waited = 0; waited < longestWaitMs; waited += 500) {
    const holder = session.isInTransaction() ? undefined : await session.whoHolds(blockers)
    if (holder === undefined) return
    heartbeat(`${pathOf(file)}: waits, ${holder}`)
    await sleep(500, signal)
  }
}

async function gaveUp({ session }: Running, file: MigrationFile, blockers: readonly Blocker[]): Promise<RefitError> {
  const holder = await session.whoHolds(blockers)
  const tables = [...new Set(blockers.map(({ table }) => table))].join(', ')
  return new RefitError(
    'WAIT_EXPIRED',
    `${pathOf(file)} got no lock${tables ? ` on ${tables}` : ''} in ${mostTries} tries${holder ? `: ${holder}` : ''}. Nothing of it was done.`,
    'End the transactions that stay open on these tables, then let it go on.',
  )
}

const tooLong = (file: MigrationFile, tables: readonly string[], heldMs: number): RefitError =>
  new RefitError(
    'MIGRATION_FAILED',
    `${pathOf(file)} kept others from ${tables.join(', ') || 'a table'} for ${heldMs / 1_000} s and was stopped.`,
    'Split it, build indexes concurrently and validate constraints by themselves, or take it upon yourself: overrides.',
  )

const neverEnds = (file: MigrationFile, ms: number): RefitError =>
  new RefitError(
    'MIGRATION_FAILED',
    `${pathOf(file)} did not end within ${Math.round(ms / 1_000)} s and was stopped.`,
    'Correct the migration and run refit scan.',
  )

/** What it did before and after is on record nowhere. */
const left = (file: MigrationFile): RefitError =>
  new RefitError(
    'MIGRATION_DIRTY',
    `${pathOf(file)} ended the transaction that it runs in, so it may be half done and is not recorded.`,
    'Look at what it changes in the database; give it config.transaction false, and finish or undo it by hand.',
  )
