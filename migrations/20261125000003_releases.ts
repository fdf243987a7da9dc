import type { Knex } from 'knex'

/** Releases: versions of the hub, what they upgrade in which order, and what became of it. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table release_definition (
      hash text primary key check (hash ~ '^[0-9a-f]{12}$'),
      sha256 text not null,
      release text not null,
      body jsonb not null,
      created_at timestamptz not null default now()
    );
    comment on table release_definition is 'A release as somebody wrote it down, insert-only under its hash.';
    create trigger release_definition_insert_only before update or delete on release_definition
      for each row execute function refuse_change();

    create table release (
      id text primary key,
      name text not null,
      definition text not null references release_definition (hash),
      hash text,
      sha256 text,
      rules jsonb,
      phase text not null,
      outcome text,
      waiting_for text not null default '',
      message text not null default '',
      requested_by text not null,
      requested_verified boolean not null default false,
      approved_by text,
      approved_at timestamptz,
      started_at timestamptz not null default now(),
      ended_at timestamptz,
      check ((outcome is null) = (ended_at is null)),
      check ((approved_at is null) = (approved_by is null))
    );
    comment on table release is 'One attempt at a release. hash is taken over the plans of its services in their order; an approval binds to it. rules is what refit.yaml said of releases when they were made.';
    create unique index release_one_open on release ((true)) where outcome is null;
    create index release_by_name on release (name, started_at desc);

    create table release_service (
      release_id text not null references release (id),
      position int not null,
      namespace text not null,
      service text not null,
      wave int not null,
      goes_after jsonb not null default '[]',
      plan_hash text not null references plan (hash),
      from_tag text not null,
      to_tag text not null,
      to_digest text not null,
      upgrade_id text references upgrade (id),
      ready_at timestamptz,
      verdict text,
      because text not null default '',
      outcome text,
      message text not null default '',
      primary key (release_id, position),
      unique (release_id, namespace, service)
    );
    comment on table release_service is 'What a release upgrades, in order. verdict is what the release says to the upgrade: released, or undo; outcome only where it ended without a row in upgrade.';
    create index release_service_of_upgrade on release_service (upgrade_id);

    create table release_event (
      position bigint generated always as identity primary key,
      release_id text not null references release (id),
      key text not null,
      at timestamptz not null default now(),
      phase text not null,
      kind text not null,
      by text,
      verified boolean not null default false,
      message text not null,
      unique (release_id, key)
    );
    comment on table release_event is 'Who did what to a release, when: append-only.';
    create trigger release_event_append_only before update or delete on release_event
      for each row execute function refuse_change();
    create trigger release_event_no_truncate before truncate on release_event
      for each statement execute function refuse_change();
  `)
}

/** Forward only: Refit's own record is never thrown away by a tool. */
export function down(): Promise<void> {
  return Promise.reject(new Error('migrations of the store of Refit go forward only'))
}
