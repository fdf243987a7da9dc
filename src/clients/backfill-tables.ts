import type { Client } from 'pg'
import { codeOf } from './backfill-errors'

const tables = `
create schema if not exists refit;
create table if not exists refit.lease (
  name text primary key,
  owner text not null,
  token bigint not null,
  backend integer not null,
  taken_at timestamptz not null default now(),
  heartbeat_at timestamptz not null default now()
);
create table if not exists refit.backfill (
  id text primary key,
  title text not null,
  declaration text not null,
  lease text not null,
  state text not null check (state in ('running', 'stopped', 'done')),
  pass integer not null default 1,
  upto text[],
  scanned bigint not null default 0,
  changed bigint not null default 0,
  batches bigint not null default 0,
  batch_rows integer,
  started_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  ended_at timestamptz
);`

/** Two that make them at the same time see each other's rows in the catalog: unique_violation, duplicate_schema, duplicate_table. */
const madeByAnother = new Set(['23505', '42P06', '42P07'])

export async function hasTables(client: Client): Promise<boolean> {
  const { rows } = await client.query<{ both: boolean }>(
    `select to_regclass('refit.lease') is not null and to_regclass('refit.backfill') is not null as both`,
  )
  return rows[0]?.both ?? false
}

/** The schema `refit` in the operator's database: who works on what, and how far it is. Needs no right where it exists. */
export async function makeTables(client: Client): Promise<void> {
  for (let attempt = 1; !(await hasTables(client)); attempt += 1) {
    try {
      await client.query(tables)
    } catch (error) {
      if (attempt >= 5 || !madeByAnother.has(codeOf(error) ?? '')) throw error
    }
  }
}
