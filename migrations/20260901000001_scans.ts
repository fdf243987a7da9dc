import type { Knex } from 'knex'

/** What scans saw and decided. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table decision (
      namespace text not null,
      service text not null,
      scan_id text not null,
      kind text not null,
      body jsonb not null,
      at timestamptz not null default now(),
      primary key (namespace, service)
    );
    comment on table decision is 'What the last scan says of each service, with the explanation of every tag.';

    create table scan (
      id text primary key,
      started_at timestamptz not null,
      ended_at timestamptz not null,
      complete boolean not null,
      summary text not null
    );
    comment on table scan is 'One row per scan; complete only when every watched image could be read.';
    create index scan_by_end on scan (ended_at desc);

    create table repository (
      repository text primary key,
      tag_count int not null,
      trusted_at timestamptz not null default now()
    );
    comment on table repository is 'How long the last trusted tag list was: a sharply shorter one is suspicious.';
  `)
}

/** Forward only: Refit's own record is never thrown away by a tool. */
export function down(): Promise<void> {
  return Promise.reject(new Error('migrations of the store of Refit go forward only'))
}
