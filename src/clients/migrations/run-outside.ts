import { RefitError } from '../../domain/errors'
import { mostTries } from '../../domain/migrations/lock-ladder'
import type { MigrationFile } from '../../domain/plan'
import type { MigrationChild } from './run-child'
import { pathOf, type Running } from './run-contract'
import type { Mode } from './run-execute'
import { isConnectionLost } from './run-failure'
import { GotNoLock, pause, runFile } from './run-file'
import { becameOf, dirtyError } from './run-recovery'
import { openFile } from './run-source'

/** A concurrent build that came out invalid is tried once more. */
const mostBuilds = 2

/**
 * Runs a file that can't be one transaction. Before its first statement the schema's fingerprint is kept, so that whoever
 * comes after a kill can tell what became of it. What fails and leaves nothing is the file's failure; half done it is
 * MIGRATION_DIRTY.
 */
export async function runOutside(
  running: Running,
  file: MigrationFile,
  mode: Mode,
  first: MigrationChild,
): Promise<void> {
  const { session, book, lease, run } = running
  const { isRepeatable } = await first.loaded
  const invalid = await session.invalidIndexes()
  await book.started(file, lease, await session.fingerprint(), invalid)
  run.heartbeat(`${pathOf(file)}: started, and is no transaction`)
  let child: MigrationChild | undefined = first
  let builds = 0
  for (let attempt = 1; ; attempt += 1) {
    child ??= await openFile(run, file, session)
    const failure = await runFile(running, file, mode, child, () => refuseInvalid(running, invalid)).then(
      () => undefined,
      (error: unknown) => ({ error }),
    )
    if (!failure) return
    const { error } = failure
    if (run.signal?.aborted || isConnectionLost(error)) throw error
    child = undefined
    const became = await becameOf(running, file, isRepeatable)
    if (became !== 'again') {
      await book.dirty(file)
      throw await dirtyError(running, file, error)
    }
    if (error instanceof InvalidBuild) builds += 1
    const isWorthIt =
      error instanceof GotNoLock ? attempt < mostTries : error instanceof InvalidBuild && builds < mostBuilds
    if (!isWorthIt) {
      await book.forget(file)
      throw error
    }
    if (error instanceof GotNoLock) await pause(running, file, attempt, error.blockers)
  }
}

/** Its concurrent build ended without an error and is of no use. */
class InvalidBuild extends RefitError {}

async function refuseInvalid({ session }: Running, before: readonly string[]): Promise<void> {
  const left = (await session.invalidIndexes()).filter((name) => !before.includes(name))
  if (left.length > 0)
    throw new InvalidBuild(
      'MIGRATION_FAILED',
      `A concurrent build left ${left.join(', ')} invalid.`,
      'See why in the log of the server, such as duplicates under a unique index, and correct that.',
    )
}
