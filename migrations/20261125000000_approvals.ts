import type { Knex } from 'knex'

/** Who may say what, what they said, and the switch that stops everything. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table token (
      id text primary key,
      name text not null,
      scope text not null,
      hash text not null unique,
      created_at timestamptz not null default now(),
      created_by text not null,
      expires_at timestamptz,
      last_used_at timestamptz,
      revoked_at timestamptz,
      revoked_by text
    );
    comment on table token is 'API tokens. hash is the sha256 of the secret, which is shown once and kept nowhere.';

    create table vote (
      id text primary key,
      namespace text not null,
      service text not null,
      upgrade_id text not null,
      plan_hash text not null,
      verb text not null,
      by text not null,
      groups jsonb not null default '[]',
      via text not null,
      reason text not null default '',
      change_reference text not null default '',
      now boolean not null default false,
      override_freeze boolean not null default false,
      until timestamptz,
      at timestamptz not null default now()
    );
    comment on table vote is 'What people who logged in said to upgrades. Only its id travels through Temporal; the upgrade reads it back here, so that nobody can forge a name.';
    create index vote_of_upgrade on vote (upgrade_id, at);

    create table "freeze" (
      id bigint generated always as identity primary key,
      namespace text,
      reason text not null,
      by text not null,
      verified boolean not null default false,
      at timestamptz not null default now(),
      lifted_at timestamptz,
      lifted_by text,
      lifted_verified boolean,
      lifted_because text
    );
    comment on table "freeze" is 'The freeze switch. No namespace: the whole hub.';
    create unique index freeze_one_live on "freeze" (coalesce(namespace, '')) where lifted_at is null;
  `)
}

/** Forward only: Refit's own record is never thrown away by a tool. */
export function down(): Promise<void> {
  return Promise.reject(new Error('migrations of the store of Refit go forward only'))
}
