import type { Knex } from 'knex'

/**
 * What each table of the store is used for: `UPDATE` and `DELETE` only where no trigger refuses them. The tables are those
 * that the owner of the schema made, and `audit`, which deploy/postgres/audit.sql may have given to another.
 */
const wanted = `
  select c.oid, c.relname as name, unnest(array_remove(array[
    'SELECT', 'INSERT',
    case when refused.events & 16 = 0 then 'UPDATE' end,
    case when refused.events & 8 = 0 then 'DELETE' end
  ], null)) as privilege
  from pg_class c
  cross join lateral (
    select coalesce(bit_or(t.tgtype::int), 0) as events from pg_trigger t
    where t.tgrelid = c.oid and t.tgfoid = to_regproc('refuse_change')::oid
  ) refused
  where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p')
    and (c.relname = 'audit' or c.relowner = (select relowner from pg_class where oid = to_regclass('refit_schema')))`

/** Rights on tables of the store that this login lacks: `INSERT on audit`. Empty before there are any tables. */
export async function lackingGrants(db: Knex): Promise<string[]> {
  const { rows } = await db.raw<{ rows: { lacking: string }[] }>(
    `select privilege || ' on ' || name as lacking from (${wanted}) as wanted
     where not has_table_privilege(oid, privilege) order by name, privilege`,
  )
  return rows.map(({ lacking }) => lacking)
}
