import { type Connection, createConnection } from 'mysql2/promise'
import type { Backfill } from '../../src/domain/migrations/backfill'
import { quoteIds, type Sums } from './backfill'

/** Fills `quote_id` of the table that `makeTransfers` makes on MariaDB. */
export const quoteIdsThere: Backfill = {
  ...quoteIds,
  change: { kind: 'set', set: { quote_id: "concat('quote-', amount)" }, where: 'quote_id is null' },
}

/** A table of transfers without quotes, with a trigger that keeps one row for each time that one was changed. */
export async function makeTransfersThere(
  url: string,
  rows: number,
  key = 'id bigint not null primary key',
  values = 'seq',
): Promise<void> {
  const names = key.includes('primary key (') ? ['payer', 'id'] : ['id']
  await withConnection(url, async (connection) => {
    for (const sql of [
      `create table transfer (${key}, amount bigint not null, quote_id text) engine = InnoDB`,
      'create table touched (amount bigint not null) engine = InnoDB',
      'create trigger touch after update on transfer for each row insert into touched values (new.amount)',
      `insert into transfer (${names.join(', ')}, amount) select ${values}, seq from seq_1_to_${rows}`,
      'analyze table transfer',
    ])
      await connection.query(sql)
  })
}

/** What became of the table: all four equal when every row was changed once and rightly. */
export const sumsThere = (url: string): Promise<Sums> =>
  withConnection(url, async (connection) => {
    const [rows] = await connection.query(
      `select (select count(*) from transfer) as ${'`rows`'},
         (select count(*) from transfer where quote_id = concat('quote-', amount)) as ${'`right`'},
         (select count(*) from touched) as touches, (select count(distinct amount) from touched) as touched`,
    )
    return (rows as Sums[])[0]!
  })

export async function withConnection<T>(url: string, work: (connection: Connection) => Promise<T>): Promise<T> {
  const connection = await createConnection({ uri: url })
  connection.on('error', () => undefined)
  try {
    return await work(connection)
  } finally {
    connection.destroy()
  }
}
