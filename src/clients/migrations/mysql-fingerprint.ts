import { createHash } from 'node:crypto'
import type { Connection, RowDataPacket } from 'mysql2/promise'
import { lineOf, type SchemaItem } from '../../domain/migrations/schema-items'
import type { SchemaFingerprint } from './schema-fingerprint'

/** Refit's own tables come and go with its runs. */
const notRefits = (column: string): string =>
  `${column} not in ('refit_lease', 'refit_backfill', 'refit_migration_attempt') and ${column} not regexp '^refit_[a-z0-9_]*_[0-9a-f]{8}_'`

/**
 * Every object of the database in canonical words. Positions of columns, row counts and automatic numbers are left out: they
 * change nothing for code.
 */
const queries = [
  `select 'table' as kind, t.table_name as name, null as tbl, null as columns_of,
     concat_ws(' ', t.table_type, t.engine, t.table_collation, t.create_options) as text
   from information_schema.tables t where t.table_schema = database() and ${notRefits('t.table_name')}`,
  `select 'column' as kind, concat(c.table_name, '.', c.column_name) as name, c.table_name as tbl, c.column_name as columns_of,
     concat_ws(' ', c.column_type, c.character_set_name, c.collation_name, '|', if(c.is_nullable = 'NO', 'not null', null),
       concat('default ', c.column_default), c.extra, c.generation_expression) as text
   from information_schema.columns c where c.table_schema = database() and ${notRefits('c.table_name')}`,
  `select 'index' as kind, s.index_name as name, s.table_name as tbl,
     group_concat(s.column_name order by s.seq_in_index separator '\\n') as columns_of,
     concat_ws(' ', if(min(s.non_unique) = 0, 'unique', null), min(s.index_type),
       group_concat(concat_ws(' ', s.column_name, s.sub_part, s.collation) order by s.seq_in_index separator ', ')) as text
   from information_schema.statistics s where s.table_schema = database() and ${notRefits('s.table_name')}
   group by s.table_name, s.index_name`,
  `select 'constraint' as kind, k.constraint_name as name, k.table_name as tbl,
     group_concat(k.column_name order by k.ordinal_position separator '\\n') as columns_of,
     concat_ws(' ', 'foreign key', group_concat(k.column_name order by k.ordinal_position), 'references',
       min(k.referenced_table_name), group_concat(k.referenced_column_name order by k.ordinal_position),
       min(r.update_rule), min(r.delete_rule)) as text
   from information_schema.key_column_usage k
   join information_schema.referential_constraints r
     on r.constraint_schema = k.constraint_schema and r.constraint_name = k.constraint_name and r.table_name = k.table_name
   where k.table_schema = database() and k.referenced_table_name is not null and ${notRefits('k.table_name')}
   group by k.table_name, k.constraint_name`,
  `select 'trigger' as kind, t.trigger_name as name, t.event_object_table as tbl, null as columns_of,
     concat_ws(' ', t.action_timing, t.event_manipulation, sha2(t.action_statement, 256)) as text
   from information_schema.triggers t where t.trigger_schema = database()`,
  `select 'view' as kind, v.table_name as name, null as tbl, null as columns_of, v.view_definition as text
   from information_schema.views v where v.table_schema = database()`,
  `select 'routine' as kind, r.routine_name as name, null as tbl, null as columns_of,
     concat_ws(' ', r.routine_type, r.dtd_identifier, sha2(r.routine_definition, 256)) as text
   from information_schema.routines r where r.routine_schema = database()`,
]

/** Servers differ in where they keep these; one without them has none. */
const checks = `select 'constraint' as kind, c.constraint_name as name, t.table_name as tbl, null as columns_of,
    concat('check ', c.check_clause) as text
  from information_schema.check_constraints c
  join information_schema.table_constraints t
    on t.constraint_schema = c.constraint_schema and t.constraint_name = c.constraint_name and t.constraint_type = 'CHECK'
  where c.constraint_schema = database() and ${notRefits('t.table_name')}`

interface Row extends RowDataPacket {
  kind: string
  name: string
  tbl: string | null
  columns_of: string | null
  text: string | null
}

/** The fingerprint of a MySQL's or MariaDB's database, as `schemaFingerprint` makes it of PostgreSQL's. */
export async function mysqlFingerprint(connection: Connection): Promise<SchemaFingerprint> {
  const rows: Row[] = []
  for (const query of queries) rows.push(...(await connection.query<Row[]>(query))[0])
  rows.push(...(await connection.query<Row[]>(checks).catch(() => [[]] as [Row[]]))[0])
  const items = rows
    .map(({ kind, name, tbl, columns_of: columns, text }): SchemaItem => ({
      ...{ kind, name, text: text ?? '' },
      ...(tbl === null ? {} : { table: tbl }),
      ...(columns === null ? {} : { columns: columns.split('\n') }),
    }))
    .sort((a, b) => order(lineOf(a), lineOf(b)) || order(a.table ?? '', b.table ?? ''))
  const text = items.map((item) => `${item.table ?? ''} ${lineOf(item)}\n`).join('')
  return { items, text, sha256: createHash('sha256').update(text).digest('hex') }
}

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
