import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { RefitError } from '../../domain/errors'
import { type AttemptVerdict, judgeAttempt } from '../../domain/migrations/attempt'
import { changeLines, schemaChange } from '../../domain/migrations/schema-items'
import { mayWriteRows } from '../../domain/migrations/sent-statement'
import type { MigrationFile } from '../../domain/plan'
import { clean } from '../../domain/text'
import { pathOf, type Running } from './run-contract'

const mostLines = 8

/**
 * What became of a file that was started outside of a transaction and is not recorded. An index that its concurrent build left
 * invalid is of no use to anybody, and is dropped first.
 */
export async function becameOf(
  { run, session, book }: Running,
  file: MigrationFile,
  isRepeatable: boolean,
): Promise<AttemptVerdict> {
  const attempt = (await book.attempts()).get(file.name)
  if (attempt?.before === undefined) return 'again'
  for (const name of await session.invalidIndexes())
    if (!attempt.invalidBefore.includes(name)) await session.dropIndex(name)
  const rehearsed = run.rehearsed?.[pathOf(file)]
  const text = await readFile(join(run.directory, file.phase, file.name), 'utf8')
  return judgeAttempt({
    phase: file.phase,
    now: (await session.fingerprint()).sha256,
    before: rehearsed ? [attempt.before, rehearsed.before] : [attempt.before],
    after: attempt.sha256 === file.sha256 ? rehearsed?.after : undefined,
    wrote: attempt.wrote,
    mayWriteRows: mayWriteRows(text),
    isRepeatable,
  })
}

/** Names the file, what is there that was not there before, and what it failed with, if that is known. */
export async function dirtyError(
  { session, book }: Running,
  file: MigrationFile,
  failure?: unknown,
): Promise<RefitError> {
  const attempt = (await book.attempts()).get(file.name)
  const lines = changeLines(schemaChange(attempt?.schemaBefore ?? [], (await session.fingerprint()).items))
  const shown = lines.slice(0, mostLines).map((line) => clean(line, 160))
  const more = lines.length > mostLines ? [`and ${lines.length - mostLines} more`] : []
  const rows = attempt?.wrote ? ['rows may have been changed'] : []
  const why =
    failure === undefined
      ? ''
      : ` It failed: ${clean(failure instanceof Error ? failure.message : 'for an unknown reason', 300)}`
  return new RefitError(
    'MIGRATION_DIRTY',
    `${pathOf(file)} stopped half way. Since it started: ${[...shown, ...more, ...rows].join('; ') || 'nothing in the schema'}.${why}`,
    `Undo it by hand and let it run again, or finish it by hand and add its name to ${book.list}: docs/migrations-run.md.`,
    { cause: failure },
  )
}
