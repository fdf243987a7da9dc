import type { Knex } from 'knex'

/** Logins of people who use the page. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table session (
      hash text primary key,
      name text not null,
      via text not null check (via in ('token', 'oidc')),
      token_id text references token (id),
      groups jsonb not null default '[]',
      started_at timestamptz not null default now(),
      last_used_at timestamptz not null default now(),
      expires_at timestamptz not null,
      ended_at timestamptz,
      ended_by text,
      check ((via = 'token') = (token_id is not null))
    );
    comment on table session is 'Logins of people who use the page. hash is the sha256 of what their cookie holds; groups are those that the OIDC provider told; a session of a token ends with it. ended_by is somebody else who ended it, by a name that nobody verified.';
    create index session_expires on session (expires_at);
  `)
}

/** Forward only: Refit's own record is never thrown away by a tool. */
export function down(): Promise<void> {
  return Promise.reject(new Error('migrations of the store of Refit go forward only'))
}
