import type { Pool } from 'pg'
import { answers, openPool } from '../shared/database'
import type { Answer, Route } from '../shared/http'
import { drainMs, runService } from '../shared/service'

const POSITIONS = `
  select account, sum(case side when 'CREDIT' then amount else -amount end)::bigint as position, count(*) as entries
    from "ledgerEntry" group by account order by account`

const pool = openPool('hub-settlement', 3)
const routes: Route[] = [{ method: 'GET', path: /^\/settlement\/summary$/, handle: () => summary(pool) }]
const checks = [{ name: 'datastore', isUp: () => answers(pool) }]
void runService({ name: 'settlement', pool, routes, checks, drainMs: drainMs() })

/** The net position of every account; the positions of a sound ledger add up to nothing. */
async function summary(database: Pool): Promise<Answer> {
  const { rows } = await database.query<{ account: string; position: number; entries: number }>(POSITIONS)
  return { status: 200, body: { positions: rows, net: rows.reduce((sum, { position }) => sum + position, 0) } }
}
