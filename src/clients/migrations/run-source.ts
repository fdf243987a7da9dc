import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runsOutsideTransaction } from '../../domain/migrations/rehearsal-files'
import type { MigrationFile } from '../../domain/plan'
import { parseSql } from './parse-sql'
import { startFile, type MigrationChild } from './run-child'
import { type MigrationRun, pathOf } from './run-contract'
import type { RunSession } from './run-session'

/** A migration of a directory, ready to run: knex files in a process of their own, SQL files statement by statement. */
export async function openFile(
  { directory, signal }: MigrationRun,
  file: MigrationFile,
  session: RunSession,
): Promise<MigrationChild> {
  const path = pathOf(file)
  if (!path.endsWith('.sql')) return startFile(directory, path, session, signal)
  const text = await readFile(join(directory, path), 'utf8')
  const parsed = await parseSql(text)
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

/** `-- repeatable` in the first lines: it can be run again from wherever it stopped. */
const isRepeatable = (sql: string): boolean =>
  sql
    .split('\n')
    .slice(0, 10)
    .some((line) => /^\s*--\s*repeatable\b/i.test(line))
