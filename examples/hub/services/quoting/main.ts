import { randomUUID } from 'node:crypto'
import type { Pool } from 'pg'
import { answers, openPool } from '../shared/database'
import { refusal, type Answer, type Call, type Route } from '../shared/http'
import { paymentFault, type Payment } from '../shared/payment'
import { drainMs, runService } from '../shared/service'

const INSERT_QUOTE = `
  insert into quote ("quoteId", payer, payee, amount, fee) values ($1, $2, $3, $4, $5)
  returning "quoteId", payer, payee, amount, fee`
const SELECT_QUOTE = 'select "quoteId", payer, payee, amount, fee from quote where "quoteId" = $1'

const pool = openPool('hub-quoting')
const routes: Route[] = [
  { method: 'POST', path: /^\/quotes$/, handle: (call) => quote(pool, call) },
  { method: 'GET', path: /^\/quotes\/([^/]+)$/, handle: (call) => show(pool, call) },
]
const checks = [{ name: 'datastore', isUp: () => answers(pool) }]
void runService({ name: 'quoting', pool, routes, checks, drainMs: drainMs() })

async function quote(database: Pool, { body }: Call): Promise<Answer> {
  const fault = paymentFault(body)
  if (fault) return refusal(400, fault)
  const { payer, payee, amount } = body as Payment
  const values = [randomUUID(), payer, payee, amount, Math.ceil(amount / 100)]
  const { rows } = await database.query({ name: 'insert-quote', text: INSERT_QUOTE, values })
  return { status: 201, body: rows[0] }
}

async function show(database: Pool, { params }: Call): Promise<Answer> {
  const { rows } = await database.query({ name: 'select-quote', text: SELECT_QUOTE, values: [params[0]] })
  return rows[0] ? { status: 200, body: rows[0] } : refusal(404, 'no such quote')
}
