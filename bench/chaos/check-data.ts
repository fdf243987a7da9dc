import type { ChaosHub } from './hub'

/** The schema is what the plan says, each migration ran once, each row was filled once, and no lock is left. */
export async function wrongInData({ query, hub }: ChaosHub, round: number): Promise<string[]> {
  const done = (
    await query<{ what: string; times: number }>(`select what, count(*)::int as times from done group by 1`)
  )
    .filter(({ what }) => what.endsWith(` ${round}`))
    .sort((a, b) => (a.what < b.what ? 1 : -1))
  const wrong: string[] = []
  const said = done.map(({ what, times }) => `${what}: ${times}`).join(', ')
  if (said !== `expand ${round}: 1, contract ${round}: 1`) wrong.push(`data: migrations ran: ${said}`)
  const [rows] = await query<{ least: number; most: number; empty: number }>(
    `select min(changed) as least, max(changed) as most, count(*) filter (where quote_id is null)::int as empty from transfer_${round}`,
  )
  if (rows?.least !== 1 || rows.most !== 1 || rows.empty !== 0)
    wrong.push(`data: rows were filled ${rows?.least} to ${rows?.most} times, ${rows?.empty} are empty`)
  const columns = await query<{ attname: string; attnotnull: boolean }>(
    `select attname, attnotnull from pg_attribute where attrelid = 'transfer_${round}'::regclass and attname in ('quote_id', 'seen') and not attisdropped order by 1`,
  )
  const shape = columns.map(({ attname, attnotnull }) => `${attname}${attnotnull ? ' not null' : ''}`).join(', ')
  if (shape !== 'quote_id not null, seen') wrong.push(`data: its schema has ${shape}`)
  const locks = await query<{ count: number }>(
    `select count(*)::int as count from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = 'data')`,
  )
  if (locks[0]?.count !== 0) wrong.push(`data: ${locks[0]?.count} locks are left`)
  for (const { id, outcome, message } of await hub.store.data.list())
    if (outcome !== 'succeeded') wrong.push(`data: ${id} is ${outcome ?? 'open'} (${message})`)
  return wrong
}

/** Of all rounds so far: nothing was done twice, whatever people stopped half way. */
export async function twiceInData({ query, hub }: ChaosHub): Promise<string[]> {
  const twice = await query<{ what: string }>('select what from done group by 1 having count(*) > 1')
  const wrong = twice.map(({ what }) => `data: ${what} ran more than once`)
  const tables = await query<{ name: string }>(
    `select relname as name from pg_class where relname like 'transfer\\_%' and relkind = 'r'`,
  )
  for (const { name } of tables) {
    const [rows] = await query<{ most: number }>(`select max(changed) as most from ${name}`)
    if ((rows?.most ?? 0) > 1) wrong.push(`data: rows of ${name} were filled ${rows?.most} times`)
  }
  if ((await hub.store.data.listOpen()).length > 0) wrong.push('data: its data workflow is open')
  return wrong
}
