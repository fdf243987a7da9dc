import type { Client } from 'pg'
import { postgresql } from '../domain/migrations/backfill-dialect'
import { codeOf } from './backfill-errors'
import type { OwnTables } from './backfill-session'

export const own: OwnTables = {
  ...{ lease: 'refit.lease', backfill: 'refit.backfill', now: 'now()', forUpdate: 'for no key update' },
  upsert: (table, row, key, update) =>
    `insert into ${table} (${Object.keys(row).join(', ')}) values (${Object.values(row).join(', ')})
     on conflict (${key}) do update set ${update}`,
  keep: (key) => `array[${key.map((part) => postgresql.literal(part)).join(', ')}]::text[]`,
  kept: (value) => value as string[] | null,
}

const tables = `
create schema if not exists refit;
create table if not exists ${own.lease} (
  name text primary key,
  owner text not null,
  token bigint not null,
  backend integer not null,
  taken_at timestamptz not null default now(),
  heartbeat_at timestamptz not null default now()
);
create table if not exists ${own.backfill} (
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

/** The schema `refit` in the operator's database: who works on what, and how far it is. */
export async function makeTables(client: Client): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return void (await client.query(tables))
    } catch (error) {
      if (attempt >= 5 || !madeByAnother.has(codeOf(error) ?? '')) throw error
    }
  }
}
