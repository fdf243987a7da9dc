import { RefitError } from '../../domain/errors'
import { hashOfFile } from '../hash-file'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runsOutsideTransaction } from '../../domain/migrations/rehearsal-files'
import type { MigrationFile } from '../../domain/plan'
import { type ParsedStatement, parseSql } from './parse-sql'
import { FileFailure, type MigrationChild, startFile } from './run-child'
import { type MigrationRun, pathOf } from './run-contract'
import type { RunSession } from './run-session'

/** A migration of a directory, ready to run: knex files in a process of their own, SQL files statement by statement. */
export async function openFile(
  { directory, signal }: MigrationRun,
  file: MigrationFile,
  session: RunSession,
): Promise<MigrationChild> {
  const path = pathOf(file)
  if ((await hashOfFile(directory, path)) !== file.sha256) throw changed(directory, path)
  if (!path.endsWith('.sql')) return startFile(directory, path, session, signal)
  const text = await readFile(join(directory, path), 'utf8')
  const parsed = await parseSql(text)
  if (session.engine === 'mysql') refuseUncut(text, parsed)
  const transaction = !runsOutsideTransaction(text) && !parsed.some(({ kind }) => kind === 'TransactionStmt')
  let isStopped = false
  return {
    loaded: Promise.resolve({ transaction, isRepeatable: isRepeatable(text) }),
    async run(execute) {
      for (const { sql } of parsed) {
        if (isStopped) return
        await execute(sql, [])
      }
    },
    stop() {
      isStopped = true
      return Promise.resolve()
    },
  }
}

/** The parser is PostgreSQL's: what it can't read, or reads otherwise, is not cut by it. */
function refuseUncut(text: string, parsed: readonly ParsedStatement[]): void {
  const isOne = !text.replace(/;\s*$/, '').includes(';')
  if (isOne || (parsed.every(({ kind }) => kind !== '') && !text.includes('\\'))) return
  throw new FileFailure(
    'its statements can not be told apart: give each a file of its own, or write it as .js with one knex.raw for each',
  )
}

/** `-- repeatable` in the first lines: it can be run again from wherever it stopped. */
const isRepeatable = (sql: string): boolean =>
  sql
    .split('\n')
    .slice(0, 10)
    .some((line) => /^\s*--\s*repeatable\b/i.test(line))

const changed = (directory: string, path: string): RefitError =>
  new RefitError(
    'MIGRATION_CHANGED',
    `${path} in ${directory} is not what was approved.`,
    'Restore it, or run refit scan for a new plan and approve that.',
  )
