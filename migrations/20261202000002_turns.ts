import type { Knex } from 'knex'

/** Who may be under way at the same time, and who is in line. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table turn (
      upgrade_id text primary key references upgrade (id),
      wanted_at timestamptz not null default now(),
      taken_at timestamptz,
      called_at timestamptz
    );
    comment on table turn is 'Upgrades that wanted to begin: in line since wanted_at, under way from taken_at until they bake or have ended. Whoever is called asks again.';
    create index turn_in_line on turn (wanted_at) where taken_at is null and called_at is null;
  `)
}

/** Forward only: Refit's own record is never thrown away by a tool. */
export function down(): Promise<void> {
  return Promise.reject(new Error('migrations of the store of Refit go forward only'))
}
