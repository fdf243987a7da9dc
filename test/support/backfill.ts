import { Client } from 'pg'
import { defaultPauseLimits, type Backfill } from '../../src/domain/migrations/backfill'

const where = 'quote_id is null'

/** Fills `quote_id` of the table that `makeTransfers` makes. */
export const quoteIds: Backfill = {
  table: 'transfer',
  key: ['id'],
  change: { kind: 'set', set: { quote_id: "'quote-' || amount" }, where },
  pauseWhile: defaultPauseLimits,
}

/** A table of transfers without quotes, with a trigger that keeps one row for each time that one was changed. */
export async function makeTransfers(url: string, rows: number, key = 'id bigint primary key'): Promise<void> {
  await withClient(url, async (client) => {
    await client.query(`
      create table transfer (${key}, amount bigint not null, quote_id text);
      create table touched (amount bigint not null);
      create function touch() returns trigger language plpgsql as
        $$ begin insert into touched values (new.amount); return null; end $$;
      create trigger touch after update on transfer for each row execute function touch();`)
    const columns = /^id bigint/.test(key) ? 'id, amount' : 'amount'
    const values = /^id bigint/.test(key) ? 'n, n' : 'n'
    await client.query(`insert into transfer (${columns}) select ${values} from generate_series(1, $1::bigint) as n`, [
      rows,
    ])
    await client.query('analyze transfer')
  })
}

export interface Sums {
  rows: number
  /** rows with exactly the value that belongs to them */
  right: number
  /** changes by anybody */
  touches: number
  /** rows that were changed */
  touched: number
}

/** What became of the table: all four equal when every row was changed once and rightly. */
export const sumsOf = (url: string): Promise<Sums> =>
  withClient(url, async (client) => {
    const { rows } = await client.query<Sums>(
      `select (select count(*)::int from transfer) as rows,
         (select count(*)::int from transfer where quote_id = 'quote-' || amount) as right,
         (select count(*)::int from touched) as touches,
         (select count(distinct amount)::int from touched) as touched`,
    )
    return rows[0]!
  })

export async function withClient<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url })
  client.on('error', () => undefined)
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

/** Waits until `look` answers with something. */
export async function until<T>(look: () => Promise<T | undefined | false> | T | undefined | false): Promise<T> {
  for (;;) {
    const seen = await look()
    if (seen !== undefined && seen !== false) return seen
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
