import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'

export interface Verification {
  /** everything below is as it should be */
  sound: boolean
  /** payments that were answered OK */
  checked: number
  /** answered OK, but without exactly one debit and one credit of the transfer's amount; the first few ids */
  wrong: string[]
  wrongCount: number
  /** answered with a failure or not at all, yet booked: no error (the client could not know), but worth a number */
  failedYetBooked: number
  debits: number
  credits: number
  /** rows the consumer left in the queue when the wait ended */
  queued: number
  /** consumers that met another one at their start */
  overlaps: number
}

const NOT_EXACTLY_ONCE = `
  select id from unnest($1::text[]) as id
    left join transfer t on t."transferId" = id
    left join "ledgerEntry" e on e."transferId" = id
   group by id, t.amount
  having not (count(e.*) = 2
     and coalesce(sum(e.amount) filter (where e.side = 'DEBIT'), 0) = t.amount
     and coalesce(sum(e.amount) filter (where e.side = 'CREDIT'), 0) = t.amount)
      or t.amount is null`

const TOTALS = `
  select coalesce(sum(amount) filter (where side = 'DEBIT'), 0)::text as debits,
         coalesce(sum(amount) filter (where side = 'CREDIT'), 0)::text as credits,
         (select count(*) from "transferQueue")::text as queued,
         (select count(*) from "consumerRun" where overlapped)::text as overlaps
    from "ledgerEntry"`

/**
 * Checks the ledger against what a client was told: waits (at most `waitMs`) until the consumer has posted everything, then
 * looks for each payment answered OK exactly once, and for debits that equal credits.
 */
export async function verifyLedger(
  databaseUrl: string,
  okIds: string[],
  failedIds: string[] = [],
  waitMs = 60_000,
): Promise<Verification> {
  const client = new Client({ connectionString: databaseUrl, application_name: 'hub-verify' })
  await client.connect()
  try {
    await drained(client, waitMs)
    const wrong = (await client.query<{ id: string }>(NOT_EXACTLY_ONCE, [okIds])).rows.map(({ id }) => id)
    const booked = await client.query('select from transfer where "transferId" = any($1::text[])', [failedIds])
    const totals = (await client.query<Record<string, string>>(TOTALS)).rows[0] ?? {}
    const [debits, credits, queued, overlaps] = ['debits', 'credits', 'queued', 'overlaps'].map((name) =>
      Number(totals[name]),
    ) as [number, number, number, number]
    return {
      sound: wrong.length === 0 && debits === credits && queued === 0 && overlaps === 0,
      checked: okIds.length,
      wrong: wrong.slice(0, 10),
      wrongCount: wrong.length,
      failedYetBooked: booked.rowCount ?? 0,
      debits,
      credits,
      queued,
      overlaps,
    }
  } finally {
    await client.end()
  }
}

async function drained(client: Client, waitMs: number): Promise<void> {
  for (const deadline = Date.now() + waitMs; Date.now() < deadline; await sleep(200)) {
    const { rows } = await client.query<{ empty: boolean }>('select not exists (select from "transferQueue") as empty')
    if (rows[0]?.empty) return
  }
}
