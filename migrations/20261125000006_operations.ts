import type { Knex } from 'knex'

/** What digests told, which Schedules were paused, and with which refit.yaml workers started. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table digest (
      slot text primary key,
      from_at timestamptz not null,
      to_at timestamptz not null,
      at timestamptz not null default now()
    );
    comment on table digest is 'The daily digests. slot is a local date and time of digestAt, so that a clock that is put back sends none twice.';

    create table worker_start (
      id bigint generated always as identity primary key,
      config_hash text not null,
      at timestamptz not null default now()
    );
    comment on table worker_start is 'One row per start of a worker. config_hash is the sha256 of its refit.yaml as it was read, references unresolved.';

    create table schedule_change (
      id bigint generated always as identity primary key,
      schedule text not null,
      paused boolean not null,
      note text not null,
      by text,
      verified boolean not null default false,
      at timestamptz not null default now()
    );
    comment on table schedule_change is 'When a Schedule was paused and went on, the newest row is how it is. Without by: a worker found it so.';
    create index schedule_change_newest on schedule_change (schedule, id desc);

    create index upgrade_ended on upgrade (ended_at) where ended_at is not null;
    create index upgrade_event_at on upgrade_event (at);
  `)
}

/** Forward only: Refit's own record is never thrown away by a tool. */
export function down(): Promise<void> {
  return Promise.reject(new Error('migrations of the store of Refit go forward only'))
}
