import { runsOutsideTransaction } from '../../domain/migrations/rehearsal-files'
import { clean } from '../../domain/text'
import { boundedClient } from './bounded'
import { parseSql } from './parse-sql'
import type { TappedStatement } from './wire-tap'

export interface SqlRun {
  statements: TappedStatement[]
  /** whether the file is one transaction */
  transaction: boolean
  failure?: string
}

/**
 * Runs a SQL file as one transaction; one that handles its own transactions, or is marked as outside of one, statement by
 * statement. Stops at the first error.
 */
export async function runSqlFile(
  url: string,
  sql: string,
  { deadlineMs, signal }: { deadlineMs: number; signal?: AbortSignal },
): Promise<SqlRun> {
  const parsed = await parseSql(sql)
  const transaction = !runsOutsideTransaction(sql) && !parsed.some(({ kind }) => kind === 'TransactionStmt')
  const texts = parsed.map((each) => each.sql)
  const statements: TappedStatement[] = []
  const { client, isLate, close } = await boundedClient(url, deadlineMs, signal)
  try {
    for (const text of transaction ? ['begin', ...texts, 'commit'] : texts) {
      statements.push({ session: 1, sql: text })
      await client.query(text)
    }
    return { statements, transaction }
  } catch (error) {
    signal?.throwIfAborted()
    const message = clean(error instanceof Error ? error.message : String(error), 2_000)
    return { statements, transaction, failure: isLate() ? tooLate(deadlineMs) : message }
  } finally {
    await close()
  }
}

export const tooLate = (deadlineMs: number): string =>
  `it did not end within ${Math.round(deadlineMs / 1000)} s and was stopped`
