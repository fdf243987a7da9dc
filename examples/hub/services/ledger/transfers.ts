import type { Pool } from 'pg'
import { failsThisPayment } from '../shared/behaviour'
import { refusal, type Answer, type Call, type Route } from '../shared/http'
import { isName, paymentFault, type Payment } from '../shared/payment'
import { has } from '../shared/release'

interface Transfer extends Payment {
  transferId: string
  quoteId?: string
}

// The queue row is written by the same statement, so a transfer is never accepted without being posted.
const INSERT = (columns: string, values: string) => `
  with accepted as (
    insert into transfer ("transferId", payer, payee, amount${columns}) values ($1, $2, $3, $4${values})
    on conflict ("transferId") do nothing returning "transferId")
  insert into "transferQueue" ("transferId") select "transferId" from accepted`
const INSERT_TRANSFER = has('quote-id') ? INSERT(', "quoteId"', ', $5') : INSERT('', '')

const SELECT_TRANSFER = `
  select t."transferId", t.payer, t.payee, t.amount${has('quote-id') ? ', t."quoteId"' : ''},
         case when exists (select from "ledgerEntry" e where e."transferId" = t."transferId")
              then 'COMMITTED' else 'RECEIVED' end as state
    from transfer t where t."transferId" = $1`

const BALANCE = `
  select coalesce(sum(amount) filter (where side = 'DEBIT'), 0)::bigint as debits,
         coalesce(sum(amount) filter (where side = 'CREDIT'), 0)::bigint as credits,
         count(*) as entries,
         (select count(*) from transfer) as transfers,
         (select count(*) from "transferQueue") as queued
    from "ledgerEntry"`

/** The ledger's API. */
export function transferRoutes(pool: Pool): Route[] {
  return [
    { method: 'POST', path: /^\/transfers$/, handle: (call) => accept(pool, call) },
    { method: 'GET', path: /^\/transfers\/([^/]+)$/, handle: (call) => show(pool, call) },
    { method: 'GET', path: /^\/ledger\/balance$/, handle: () => balance(pool) },
  ]
}

/** 202 the first time, 200 for the same transfer again, 409 for another one under a used id. */
async function accept(pool: Pool, { body }: Call): Promise<Answer> {
  const fault = paymentFault(body)
  if (fault) return refusal(400, fault)
  const transfer = body as Transfer
  if (!isName(transfer.transferId)) return refusal(400, 'transferId: 1 to 64 characters are expected')
  if (transfer.quoteId != null && !isName(transfer.quoteId)) return refusal(400, 'quoteId: 1 to 64 characters')
  if (failsThisPayment()) return refusal(500, 'internal error')

  const { transferId, payer, payee, amount } = transfer
  const values: unknown[] = [transferId, payer, payee, amount]
  if (has('quote-id')) values.push(quoteIdOf(transfer))
  const { rowCount } = await pool.query({ name: 'insert-transfer', text: INSERT_TRANSFER, values })
  if (rowCount === 1) return { status: 202, body: { transferId, payer, payee, amount, state: 'RECEIVED' } }

  const known = await select(pool, transferId)
  const same = known?.payer === payer && known.payee === payee && known.amount === amount
  return same ? { status: 200, body: known } : refusal(409, 'transferId was used for another transfer')
}

/** From v1.2.0 a transfer without a quote is booked under one of its own. */
function quoteIdOf({ transferId, quoteId }: Transfer): string | null {
  return quoteId ?? (has('own-quote') ? transferId : null)
}

async function show(pool: Pool, { params }: Call): Promise<Answer> {
  const transfer = await select(pool, decodeURIComponent(params[0] ?? ''))
  if (transfer) return { status: 200, body: transfer }
  return refusal(has('unknown-is-404') ? 404 : 500, 'no such transfer')
}

async function select(pool: Pool, transferId: string): Promise<(Transfer & { state: string }) | undefined> {
  const query = { name: 'select-transfer', text: SELECT_TRANSFER, values: [transferId] }
  const { rows } = await pool.query<Transfer & { state: string }>(query)
  return rows[0]
}

async function balance(pool: Pool): Promise<Answer> {
  const { rows } = await pool.query<{ debits: number; credits: number }>(BALANCE)
  const totals = rows[0]
  return { status: 200, body: { ...totals, balanced: totals?.debits === totals?.credits } }
}
