import type { Knex } from 'knex'

/** Where the data workflows of upgrades stand. What happened in them stands among the events of their upgrade. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table data_run (
      id text primary key,
      upgrade_id text not null references upgrade (id),
      plan_hash text not null references plan (hash),
      namespace text not null,
      service text not null,
      to_tag text not null,
      phase text not null,
      outcome text,
      waiting_for text not null default '',
      message text not null default '',
      started_at timestamptz not null default now(),
      ended_at timestamptz,
      check ((outcome is null) = (ended_at is null))
    );
    comment on table data_run is 'One attempt at the backfill and contract of an upgrade: where it stands, and how it ended.';
    create unique index data_run_one_open_per_service on data_run (namespace, service) where outcome is null;
    create index data_run_by_service on data_run (namespace, service, started_at desc);
  `)
}

/** Forward only: Refit's own record is never thrown away by a tool. */
export function down(): Promise<void> {
  return Promise.reject(new Error('migrations of the store of Refit go forward only'))
}
