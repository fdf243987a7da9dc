import type { Client } from 'pg'
import { codeOf } from '../backfill-errors'

const postgres = `
create table if not exists refit.migration_attempt (
  list text not null,
  name text not null,
  sha256 text not null,
  owner text not null,
  token text not null,
  state text not null check (state in ('started', 'dirty', 'applied')),
  before text,
  schema_before text,
  invalid_before text,
  wrote boolean not null default false,
  started_at timestamptz not null default now(),
  ended_at timestamptz,
  primary key (list, name)
)`

export const mysqlAttemptTable = `
create table if not exists refit_migration_attempt (
  list varchar(64) not null,
  name varchar(190) not null,
  sha256 varchar(64) not null,
  owner varchar(500) not null,
  token varchar(20) not null,
  state varchar(10) not null,
  \`before\` varchar(64),
  schema_before longtext,
  invalid_before text,
  wrote boolean not null default false,
  started_at timestamp(3) not null default current_timestamp(3),
  ended_at timestamp(3) null,
  primary key (list, name)
) engine = InnoDB default charset = utf8mb4`

/** Beside the leases: which files were begun, and how the schema was then. Needs no right where it exists. */
export async function makeAttemptTable(client: Client): Promise<void> {
  const { rows } = await client.query<{ is: boolean }>(
    `select to_regclass('refit.migration_attempt') is not null as is`,
  )
  if (rows[0]?.is) return
  await client.query(postgres).catch((error: unknown) => {
    // Made by another at the same time.
    if (!['23505', '42P07'].includes(codeOf(error) ?? '')) throw error
  })
}
