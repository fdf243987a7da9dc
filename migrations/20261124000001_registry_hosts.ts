import type { Knex } from 'knex'

/** What the workers have in common about each registry. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table registry_host (
      host text primary key,
      blocked_until timestamptz not null
    );
    comment on table registry_host is 'Registries that asked to be left alone (Retry-After), and until when no worker asks them.';

    create unlogged table registry_rate (
      key varchar(255) primary key,
      points integer not null default 0,
      expire bigint
    );
    comment on table registry_rate is 'Requests of this second per registry host, by all workers; nothing in it is worth keeping.';
  `)
}

/** Forward only: Refit's own record is never thrown away by a tool. */
export function down(): Promise<void> {
  return Promise.reject(new Error('migrations of the store of Refit go forward only'))
}
