import type { Client, QueryConfig } from 'pg'
import { RefitError } from '../domain/errors'
import type { Backfill } from '../domain/migrations/backfill'
import { codeOf } from './backfill-errors'

/** It may have to look at every row, and takes no lock but the weakest. */
const timeoutMinutes = 10

/** By the extended protocol, which takes one statement: a second one behind a semicolon is an error. */
export const single = (text: string): QueryConfig => ({ text, queryMode: 'extended' }) as QueryConfig

/** Whether the proof finds no row that is still to be done. */
export async function isProven(client: Client, { proof }: Backfill): Promise<boolean> {
  try {
    await client.query(
      `begin read only; set local statement_timeout = '${timeoutMinutes}min'; set local lock_timeout = '5s'`,
    )
    const { rows } = await client.query(single(proof))
    await client.query('commit')
    return rows.length === 0
  } catch (error) {
    await client.query('rollback').catch(() => undefined)
    throw codeOf(error) === '57014' ? tooSlow() : error
  }
}

const tooSlow = (): RefitError =>
  new RefitError(
    'MIGRATION_FAILED',
    `The proof took longer than ${timeoutMinutes} minutes.`,
    'Make an index for it (create index concurrently … where …), then run it again: it goes on.',
  )
