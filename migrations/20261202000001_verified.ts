import type { Knex } from 'knex'

/** Whether a login stands behind the name, of acts that didn't keep it: null where they were done before. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    alter table quarantine add column lifted_verified boolean;
    alter table repository_acceptance add column verified boolean;
    alter table security_mark add column verified boolean, add column lifted_verified boolean;
    alter table token add column created_verified boolean, add column revoked_verified boolean;

    create or replace function audit_act() returns trigger language plpgsql as $$
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
          perform audit_note('quarantine lift', new.lifted_by, new.lifted_verified, null, new.namespace || '/' || new.service,
            jsonb_build_object('digest', new.digest, 'tag', new.tag, 'reason', nullif(new.lifted_because, '')));
        when 'accept' then
          perform audit_note('accept', new."by", new.verified, null, new.repository,
            jsonb_build_object('list', new.tags_hash, 'tags', new.tag_count, 'reason', new.reason));
        when 'security mark' then
          perform audit_note('security mark', new."by", new.verified, null, new.namespace || '/' || new.service,
            jsonb_build_object('version', new.version, 'reason', new.reason));
        when 'security lift' then
          perform audit_note('security lift', new.lifted_by, new.lifted_verified, null, new.namespace || '/' || new.service,
            jsonb_build_object('version', new.version));
        when 'token create' then
          perform audit_note('token create', new.created_by, new.created_verified, null, new.name,
            jsonb_build_object('id', new.id, 'scope', new.scope, 'expires', new.expires_at));
        when 'token revoke' then
          perform audit_note('token revoke', new.revoked_by, new.revoked_verified, null, new.name, jsonb_build_object('id', new.id));
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
}

/** Forward only: Refit's own record is never thrown away by a tool. */
export function down(): Promise<void> {
  return Promise.reject(new Error('migrations of the store of Refit go forward only'))
}
