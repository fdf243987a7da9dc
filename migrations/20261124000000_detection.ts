import type { Knex } from 'knex'

/** What scans keep from one to the next: lists, ages, images, and what people said of them. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    alter table repository
      add column path text not null default '',
      add column tags text,
      add column list_hash text not null default '',
      add column etag text,
      add column read_at timestamptz,
      add column error_code text,
      add column error_message text,
      add column error_at timestamptz,
      add column tags_hash text not null default '',
      add column doubted_hash text,
      add column doubted_count int not null default 0,
      add column doubted_tags text[] not null default '{}',
      add column accepted_hash text,
      add column accepted_tags text[] not null default '{}',
      add column read_since timestamptz not null default '-infinity',
      alter column tag_count set default 0,
      alter column trusted_at drop not null;
    create index repository_by_path on repository (path);
    comment on column repository.read_since is 'When the batch began that this comes from: of two scans at one time the one that began to read later is right.';
    comment on column repository.path is 'without the registry host';
    comment on column repository.tags is 'The last trusted list, a tag a line.';
    comment on column repository.tags_hash is 'Of the last trusted list, whatever its order; doubted_hash and accepted_hash are the same of other lists. list_hash is of the answer as it came.';
    comment on column repository.doubted_hash is 'The list that the last scan called suspicious; doubted_tags are the running tags that it lacks.';
    comment on column repository.accepted_hash is 'A list that a person accepted although it was suspicious, until another one is trusted; accepted_tags may be missing from later ones.';

    create table repository_acceptance (
      position bigint generated always as identity primary key,
      repository text not null references repository (repository),
      tags_hash text not null,
      tag_count int not null,
      missing_tags text[] not null,
      by text not null,
      reason text not null,
      at timestamptz not null default now()
    );
    comment on table repository_acceptance is 'Who accepted which suspicious list, and why: append-only.';
    create trigger repository_acceptance_append_only before update or delete on repository_acceptance
      for each row execute function refuse_change();

    create table tag_seen (
      repository text not null,
      tag text not null,
      first_seen_at timestamptz not null default now(),
      baseline boolean not null,
      digest text,
      digest_since timestamptz,
      unlisted_since timestamptz,
      primary key (repository, tag)
    );
    comment on table tag_seen is 'When Refit first met a tag, a clock that no publisher can set; a baseline tag was there at the first scan of its repository. digest_since is set when a tag points to another digest than before, and when its first digest was recorded too late to tell what it pointed to when it was met. unlisted_since: rows of tags that are gone for long are removed.';

    create table image (
      digest text primary key,
      facts jsonb not null,
      at timestamptz not null default now()
    );
    comment on table image is 'What images say of themselves; a digest never changes, so it is read once.';

    create table security_mark (
      namespace text not null,
      service text not null,
      version text not null,
      digest text,
      reason text not null,
      by text not null,
      at timestamptz not null default now(),
      lifted_at timestamptz,
      lifted_by text,
      primary key (namespace, service, version, at)
    );
    comment on table security_mark is 'Versions that mend a vulnerability: age and settling do not hold them. digest is what the tag pointed to at the first decision after marking: what is pushed later is not marked.';
    create unique index security_mark_one_live on security_mark (namespace, service, version) where lifted_at is null;

    alter table decision
      add column tags jsonb not null default '[]',
      add column inputs text not null default '',
      add column watched_tag text,
      add column watched_digest text,
      add column revisit_at timestamptz,
      add column read_since timestamptz not null default '-infinity';
    comment on column decision.inputs is 'Hash of all that was decided from; while it, the watched tag''s digest and the clock before revisit_at stand, the decision stands.';
    update decision set tags = coalesce(body -> 'tags', '[]'), body = body - 'tags';

    create table scan_batch (
      scan_id text not null,
      position int not null,
      host text not null,
      services jsonb not null,
      at timestamptz not null default now(),
      primary key (scan_id, position)
    );
    comment on table scan_batch is 'What a running scan observed, so that workflow payloads stay small; removed at its end.';
  `)
}

/** Forward only: Refit's own record is never thrown away by a tool. */
export function down(): Promise<void> {
  return Promise.reject(new Error('migrations of the store of Refit go forward only'))
}
