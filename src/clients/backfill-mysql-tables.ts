import { mysql } from '../domain/migrations/backfill-dialect'
import type { OwnTables } from './backfill-session'

/** In the operator's own database: a second one on the same server would need rights of its own. */
export const own: OwnTables = {
  ...{ lease: 'refit_lease', backfill: 'refit_backfill', now: 'utc_timestamp(6)', forUpdate: 'for update' },
  upsert: (table, row, _key, update) =>
    `insert into ${table} (${Object.keys(row).join(', ')}) values (${Object.values(row).join(', ')})
     on duplicate key update ${update}`,
  keep: (key) => mysql.literal(JSON.stringify(key)),
  kept: (value) => (typeof value === 'string' ? (JSON.parse(value) as string[]) : null),
}

const made = 'engine = InnoDB default character set utf8mb4 collate utf8mb4_bin'

export const tables = [
  `create table if not exists ${own.lease} (
  name varchar(190) not null primary key,
  owner text not null,
  token bigint not null,
  backend bigint not null,
  taken_at datetime(6) not null,
  heartbeat_at datetime(6) not null
) ${made}`,
  `create table if not exists ${own.backfill} (
  id varchar(16) not null primary key,
  title text not null,
  declaration mediumtext not null,
  lease varchar(190) not null,
  state varchar(10) not null,
  pass int not null default 1,
  upto mediumtext,
  scanned bigint not null default 0,
  changed bigint not null default 0,
  batches bigint not null default 0,
  batch_rows int,
  started_at datetime(6) not null,
  updated_at datetime(6) not null,
  ended_at datetime(6)
) ${made}`,
]
