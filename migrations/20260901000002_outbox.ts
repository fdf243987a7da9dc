import type { Knex } from 'knex'

/** Alerts on their way. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table outbox (
      id bigint generated always as identity primary key,
      target text not null,
      key text not null,
      alert jsonb not null,
      attempts int not null default 0,
      last_error text not null default '',
      due_at timestamptz not null default now(),
      created_at timestamptz not null default now(),
      sent_at timestamptz,
      unique (target, key)
    );
    comment on table outbox is 'Alerts per target, sent at least once; sent rows stay, because their keys keep the same news from going out again.';
    create index outbox_due on outbox (due_at, id) where sent_at is null;

    create table alert_state (
      topic text primary key,
      state text not null,
      revision int not null default 1,
      changed_at timestamptz not null default now()
    );
    comment on table alert_state is 'What was last said of a topic, such as the candidate of a service: the same state again is no news.';
  `)
}

/** Forward only: Refit's own record is never thrown away by a tool. */
export function down(): Promise<void> {
  return Promise.reject(new Error('migrations of the store of Refit go forward only'))
}
