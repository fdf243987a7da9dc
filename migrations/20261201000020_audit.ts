import type { Knex } from 'knex'

/** Every act of a person in one chain, each row with the hash of the one before it. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    alter table quarantine add column lifted_because text;

    create table audit (
      position bigint primary key,
      body text not null,
      previous text not null,
      hash text not null
    );
    comment on table audit is 'Who did what, and how verified: append-only. hash is the sha256 of previous, a line feed and body, in hex; previous is the hash of the row before, empty for the first. Triggers on other tables write it, so that no act is without its row.';

    create function audit_chain() returns trigger language plpgsql as $$
    declare
      last record;
    begin
      -- One at a time to the end of its transaction: nobody else reads the last row before it is there for all.
      perform pg_advisory_xact_lock(hashtextextended('refit/audit', 0));
      select position, hash into last from audit order by position desc limit 1;
      new.position := coalesce(last.position, 0) + 1;
      new.previous := coalesce(last.hash, '');
      new.body := (new.body::jsonb || jsonb_build_object(
        'position', new.position,
        'at', to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
      ))::text;
      new.hash := encode(sha256(convert_to(new.previous || E'\\n' || new.body, 'UTF8')), 'hex');
      return new;
    end $$;
    create trigger audit_chain before insert on audit for each row execute function audit_chain();
    create trigger audit_append_only before update or delete on audit
      for each row execute function refuse_change();
    create trigger audit_no_truncate before truncate on audit
      for each statement execute function refuse_change();
    -- Also where a session calls itself a replica, which turns other triggers off.
    alter table audit enable always trigger audit_chain;
    alter table audit enable always trigger audit_append_only;
    alter table audit enable always trigger audit_no_truncate;

    create function audit_note(act text, by text, verified boolean, via text, subject text, detail jsonb)
    returns void language sql as $$
      insert into audit (body) values (jsonb_build_object(
        'act', act, 'by', by, 'verified', verified, 'via', via, 'subject', subject,
        'detail', jsonb_strip_nulls(detail)
      )::text)
    $$;

    create function audit_act() returns trigger language plpgsql as $$
    begin
      case tg_argv[0]
        when 'vote' then
          perform audit_note('vote ' || new.verb, new."by", true, new.via, concat_ws('/', nullif(new.namespace, ''), new.service),
            jsonb_build_object('voteId', new.id, 'upgradeId', new.upgrade_id, 'planHash', new.plan_hash, 'groups', new.groups,
              'reason', nullif(new.reason, ''), 'changeReference', nullif(new.change_reference, ''),
              'now', nullif(new.now, false), 'overrideFreeze', nullif(new.override_freeze, false), 'until', new.until));
        when 'upgrade event' then
          -- Who resolves something acts by hand, and its event doesn't say whether a login stood behind the name.
          perform audit_note('upgrade ' || new.kind, new."by", case when new.kind <> 'resolved' or new.verified then new.verified end, null, new.upgrade_id,
            jsonb_build_object('phase', new.phase, 'message', left(new.message, 1000)));
        when 'release event' then
          perform audit_note('release ' || new.kind, new."by", new.verified, null, new.release_id,
            jsonb_build_object('phase', new.phase, 'message', left(new.message, 1000)));
        when 'freeze' then
          perform audit_note('freeze', new."by", new.verified, null, coalesce(new.namespace, 'the whole hub'),
            jsonb_build_object('id', new.id, 'reason', new.reason));
        when 'unfreeze' then
          perform audit_note('unfreeze', new.lifted_by, new.lifted_verified, null, coalesce(new.namespace, 'the whole hub'),
            jsonb_build_object('id', new.id, 'reason', new.lifted_because));
        when 'quarantine lift' then
          perform audit_note('quarantine lift', new.lifted_by, null, null, new.namespace || '/' || new.service,
            jsonb_build_object('digest', new.digest, 'tag', new.tag, 'reason', nullif(new.lifted_because, '')));
        when 'accept' then
          perform audit_note('accept', new."by", null, null, new.repository,
            jsonb_build_object('list', new.tags_hash, 'tags', new.tag_count, 'reason', new.reason));
        when 'security mark' then
          perform audit_note('security mark', new."by", null, null, new.namespace || '/' || new.service,
            jsonb_build_object('version', new.version, 'reason', new.reason));
        when 'security lift' then
          perform audit_note('security lift', new.lifted_by, null, null, new.namespace || '/' || new.service,
            jsonb_build_object('version', new.version));
        when 'token create' then
          perform audit_note('token create', new.created_by, null, null, new.name,
            jsonb_build_object('id', new.id, 'scope', new.scope, 'expires', new.expires_at));
        when 'token revoke' then
          perform audit_note('token revoke', new.revoked_by, null, null, new.name, jsonb_build_object('id', new.id));
        when 'login' then
          perform audit_note('login', new.name, true, new.via, null,
            jsonb_build_object('token', new.token_id, 'groups', new.groups, 'until', new.expires_at));
        when 'logout' then
          if new.ended_by is null then
            perform audit_note('logout', new.name, true, new.via, null, jsonb_build_object('since', new.started_at));
          else
            perform audit_note('session end', new.ended_by, false, null, new.name, jsonb_build_object('since', new.started_at));
          end if;
        when 'schedule' then
          perform audit_note('schedule ' || case when new.paused then 'pause' else 'resume' end, new."by", new.verified, null,
            new.schedule, jsonb_build_object('note', new.note));
      end case;
      return null;
    end $$;
  `)
  // Deferred to the end of its transaction, so that acts wait for each other as shortly as can be.
  for (const [name, event, condition] of acts)
    await knex.raw(`
      create constraint trigger audit_${name.replaceAll(' ', '_')} after ${event}
        deferrable initially deferred for each row when (${condition}) execute function audit_act('${name}')
    `)
}

/** What people do, and by which change of which row it is known. */
const acts = [
  ['vote', 'insert on vote', 'true'],
  ['upgrade event', 'insert on upgrade_event', 'new."by" is not null'],
  ['release event', 'insert on release_event', 'new."by" is not null'],
  ['freeze', 'insert on "freeze"', 'true'],
  ['unfreeze', 'update on "freeze"', 'old.lifted_at is null and new.lifted_at is not null'],
  ['quarantine lift', 'update on quarantine', 'old.lifted_at is null and new.lifted_at is not null'],
  ['accept', 'insert on repository_acceptance', 'true'],
  ['security mark', 'insert on security_mark', 'true'],
  ['security lift', 'update on security_mark', 'old.lifted_at is null and new.lifted_at is not null'],
  ['token create', 'insert on token', 'true'],
  ['token revoke', 'update on token', 'old.revoked_at is null and new.revoked_at is not null'],
  ['login', 'insert on session', 'true'],
  ['logout', 'update on session', 'old.ended_at is null and new.ended_at is not null'],
  ['schedule', 'insert on schedule_change', 'new."by" is not null'],
] as const

/** Forward only: Refit's own record is never thrown away by a tool. */
export function down(): Promise<void> {
  return Promise.reject(new Error('migrations of the store of Refit go forward only'))
}
