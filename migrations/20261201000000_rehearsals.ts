import type { Knex } from 'knex'

/** What rehearsals said, so that nothing is rehearsed twice under the same conditions. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table rehearsal (
      key text primary key,
      body jsonb not null,
      at timestamptz not null default now()
    );
    comment on table rehearsal is 'key is the sha256 of the files, the schema and the version of the copy, and how large the tables of production are.';
  `)
}

/** Forward only: Refit's own record is never thrown away by a tool. */
export function down(): Promise<void> {
  return Promise.reject(new Error('migrations of the store of Refit go forward only'))
}
