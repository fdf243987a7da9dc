import type { Knex } from 'knex'

/** Dead letters, what is known of each target, and where Slack's messages are. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    alter table outbox
      add column thread text generated always as (alert->>'thread') stored,
      add column tried_since timestamptz not null default now(),
      add column dead_at timestamptz;
    comment on column outbox.tried_since is 'Given up some days after this; sending it again by hand begins anew.';
    comment on column outbox.dead_at is 'Given up: sent only when a person says so.';
    drop index outbox_due;
    create index outbox_due on outbox (target, id) where sent_at is null and dead_at is null;
    create index outbox_dead on outbox (id) where dead_at is not null;
    create index outbox_thread on outbox (target, thread, id) where thread is not null;

    create table outbox_target (
      target text primary key,
      leased_by text,
      leased_until timestamptz,
      rest_until timestamptz,
      failures int not null default 0
    );
    comment on table outbox_target is 'Who sends to a target now, and how long it is left alone after it failed: shared by all workers.';

    create table slack_message (
      target text not null,
      thread text not null,
      channel text not null,
      ts text not null,
      at timestamptz not null default now(),
      primary key (target, thread)
    );
    comment on table slack_message is 'The one message per thread that a Slack bot keeps up to date.';
  `)
}

/** Forward only: Refit's own record is never thrown away by a tool. */
export function down(): Promise<void> {
  return Promise.reject(new Error('migrations of the store of Refit go forward only'))
}
