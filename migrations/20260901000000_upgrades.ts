import type { Knex } from 'knex'

/** Plans, upgrades and what is known of them. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table plan (
      hash text primary key check (hash ~ '^[0-9a-f]{12}$'),
      sha256 text not null,
      namespace text not null,
      service text not null,
      body jsonb not null,
      created_at timestamptz not null default now()
    );
    comment on table plan is 'The frozen description of one upgrade, insert-only under its hash; an approval binds to the hash.';

    create table upgrade (
      id text primary key,
      plan_hash text not null references plan (hash),
      namespace text not null,
      service text not null,
      from_tag text not null,
      to_tag text not null,
      to_digest text not null,
      phase text not null,
      outcome text,
      waiting_for text not null default '',
      message text not null default '',
      started_at timestamptz not null default now(),
      ended_at timestamptz,
      resolved_at timestamptz,
      resolved_by text,
      check ((outcome is null) = (ended_at is null))
    );
    comment on table upgrade is 'One attempt at one plan: where it stands, and how it ended. Ended as held, it needs a person until resolved_at is set.';
    create unique index upgrade_one_open_per_service on upgrade (namespace, service) where outcome is null;
    create index upgrade_by_service on upgrade (namespace, service, started_at desc);
    create index upgrade_unresolved on upgrade (started_at) where outcome = 'held' and resolved_at is null;

    create table upgrade_event (
      position bigint generated always as identity primary key,
      upgrade_id text not null references upgrade (id),
      key text not null,
      at timestamptz not null default now(),
      phase text not null,
      kind text not null,
      by text,
      verified boolean not null default false,
      message text not null,
      unique (upgrade_id, key)
    );
    comment on table upgrade_event is 'Who did what, when: append-only. The key makes a step that is recorded twice stand here once.';

    create function refuse_change() returns trigger language plpgsql as $$
    begin
      raise exception '% is append-only: % refused', tg_table_name, tg_op using errcode = 'restrict_violation';
    end $$;
    create trigger upgrade_event_append_only before update or delete on upgrade_event
      for each row execute function refuse_change();
    create trigger upgrade_event_no_truncate before truncate on upgrade_event
      for each statement execute function refuse_change();
    create trigger plan_insert_only before update or delete on plan
      for each row execute function refuse_change();

    create table image_snapshot (
      upgrade_id text not null references upgrade (id),
      position int not null,
      workload_uid text not null,
      body jsonb not null,
      primary key (upgrade_id, position),
      unique (upgrade_id, workload_uid)
    );
    comment on table image_snapshot is 'The images that ran before the first write, kept once: what a rollback restores.';

    create table quarantine (
      namespace text not null,
      service text not null,
      digest text not null,
      tag text not null,
      reason text not null,
      upgrade_id text not null references upgrade (id),
      since timestamptz not null default now(),
      lifted_at timestamptz,
      lifted_by text,
      primary key (namespace, service, digest, upgrade_id)
    );
    comment on table quarantine is 'Digests that failed and are not offered again until a person lifts them.';
    create unique index quarantine_one_live on quarantine (namespace, service, digest) where lifted_at is null;

    create table job_log (
      upgrade_id text not null references upgrade (id),
      step text not null,
      log text not null,
      at timestamptz not null default now(),
      primary key (upgrade_id, step)
    );
    comment on table job_log is 'The last lines of migration Jobs, kept after their pods are gone.';
  `)
}

/** Forward only: Refit's own record is never thrown away by a tool. */
export function down(): Promise<void> {
  return Promise.reject(new Error('migrations of the store of Refit go forward only'))
}
