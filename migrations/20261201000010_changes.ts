import type { Knex } from 'knex'

/** Says on the channel `refit_changes` what has changed, once per transaction and thing, for pages that are open. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create function say_changed(topic text, upgrade_id text, namespace text, service text) returns void
    language sql as $$
      select pg_notify('refit_changes', json_strip_nulls(json_build_object(
        'topic', topic, 'upgradeId', upgrade_id, 'namespace', namespace, 'service', service))::text)
    $$;
    comment on function say_changed is 'Only names travel: whoever hears it asks for what it may see.';

    create function say_upgrade_changed() returns trigger language plpgsql as $$
    begin
      perform say_changed('upgrade', new.id, new.namespace, new.service);
      return null;
    end $$;
    create trigger upgrade_changed after insert or update on upgrade
      for each row execute function say_upgrade_changed();

    create function say_event_added() returns trigger language plpgsql as $$
    begin
      perform say_changed('upgrade', id, upgrade.namespace, upgrade.service) from upgrade where id = new.upgrade_id;
      return null;
    end $$;
    create trigger upgrade_event_added after insert on upgrade_event
      for each row execute function say_event_added();

    create function say_of_service() returns trigger language plpgsql as $$
    begin
      perform say_changed(tg_argv[0], new.upgrade_id, new.namespace, new.service);
      return null;
    end $$;
    create trigger vote_added after insert on vote
      for each row execute function say_of_service('vote');
    create trigger quarantine_changed after insert or update on quarantine
      for each row execute function say_of_service('quarantine');
    create trigger data_run_changed after insert or update on data_run
      for each row execute function say_of_service('data');

    create function say_freeze_changed() returns trigger language plpgsql as $$
    begin
      perform say_changed('freeze', null, new.namespace, null);
      return null;
    end $$;
    create trigger freeze_changed after insert or update on "freeze"
      for each row execute function say_freeze_changed();

    create function say_topic() returns trigger language plpgsql as $$
    begin
      perform say_changed(tg_argv[0], null, null, null);
      return null;
    end $$;
    create trigger scan_changed after insert or update on scan
      for each statement execute function say_topic('scan');
    create trigger decision_changed after insert or update or delete on decision
      for each statement execute function say_topic('scan');
    create trigger schedule_changed after insert on schedule_change
      for each statement execute function say_topic('schedule');
    create trigger release_changed after insert or update on release
      for each statement execute function say_topic('release');
    create trigger release_service_changed after insert or update on release_service
      for each statement execute function say_topic('release');
    create trigger release_event_added after insert on release_event
      for each statement execute function say_topic('release');
  `)
}

/** Forward only: Refit's own record is never thrown away by a tool. */
export function down(): Promise<void> {
  return Promise.reject(new Error('migrations of the store of Refit go forward only'))
}
