import type { Knex } from 'knex'

/** Indexes by which long lists are read page by page, and the answers of requests that may be repeated. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create index upgrade_by_start on upgrade (started_at desc, id desc);
    create index upgrade_by_namespace on upgrade (namespace, started_at desc, id desc);
    create index upgrade_by_outcome on upgrade (outcome, started_at desc, id desc);
    create index upgrade_by_digest on upgrade (to_digest);
    create index upgrade_event_by_person on upgrade_event (by, upgrade_id) where by is not null;
    create index release_by_start on release (started_at desc, id desc);

    create table request (
      by text not null,
      key text not null,
      what text not null,
      answer jsonb,
      at timestamptz not null default now(),
      primary key (by, key)
    );
    comment on table request is 'Changes that came over HTTP with an Idempotency-Key. what is a hash of route and body; answer is null while it is carried out. Rows of more than a day ago are removed.';
    create index request_at on request (at);
  `)
}

/** Forward only: Refit's own record is never thrown away by a tool. */
export function down(): Promise<void> {
  return Promise.reject(new Error('migrations of the store of Refit go forward only'))
}
