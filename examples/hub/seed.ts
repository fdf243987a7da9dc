import { Client } from 'pg'

const TRANSFERS = `
  insert into transfer ("transferId", payer, payee, amount, "createdAt")
  select 'seed-' || lpad(n::text, 9, '0'), 'dfsp-' || n % 10, 'dfsp-' || (n + 1 + n % 3) % 10, 100 + n % 9900,
         now() - interval '1 year' + n * interval '1 second'
    from generate_series(1, $1::int) as n`

const ENTRIES = `
  insert into "ledgerEntry" ("transferId", side, account, amount, "createdAt")
  select t."transferId", s.side, case s.side when 'DEBIT' then t.payer else t.payee end, t.amount, t."createdAt"
    from transfer t cross join (values ('DEBIT'), ('CREDIT')) as s (side)
   where t."transferId" like 'seed-%'`

/** Fills a ledger with `count` transfers of last year, each posted, so that it still balances; all of them or none. */
export async function seedTransfers(databaseUrl: string, count: number): Promise<void> {
  const client = new Client({ connectionString: databaseUrl, application_name: 'hub-seed' })
  await client.connect()
  try {
    await client.query('begin')
    await client.query(TRANSFERS, [count])
    await client.query(ENTRIES)
    await client.query('commit')
    // The planner of a live database knows its tables.
    await client.query('analyze transfer, "ledgerEntry"')
  } finally {
    await client.end()
  }
}

export interface QuoteProof {
  /** rows of the transfer table */
  transfers: number
  withoutQuote: number
  /** the column takes no null any more */
  isRequired: boolean
  /** seeded transfers that are as they were, with exactly one debit and one credit */
  seededIntact: number
  debitsEqualCredits: boolean
}

const PROOF = `
  select (select count(*) from transfer)::int as transfers,
         (select count(*) from transfer where "quoteId" is null)::int as "withoutQuote",
         (select attnotnull from pg_attribute where attrelid = 'transfer'::regclass and attname = 'quoteId') as "isRequired",
         (select count(*) from transfer t
           where "transferId" like 'seed-%' and "quoteId" = "transferId"
             and amount = 100 + right("transferId", 9)::int % 9900
             and 2 = (select count(*) from "ledgerEntry" e where e."transferId" = t."transferId" and e.amount = t.amount)
         )::int as "seededIntact",
         (select coalesce(sum(case side when 'DEBIT' then amount else -amount end), 0) = 0 from "ledgerEntry")
           as "debitsEqualCredits"`

/** What the data migration of v1.2.0 has to leave behind. */
export async function proveQuotes(databaseUrl: string): Promise<QuoteProof> {
  const client = new Client({ connectionString: databaseUrl, application_name: 'hub-proof' })
  await client.connect()
  try {
    const [proof] = (await client.query<QuoteProof>(PROOF)).rows
    if (!proof) throw new Error('the proof has no row')
    return proof
  } finally {
    await client.end()
  }
}
