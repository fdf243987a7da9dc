import type { Knex } from 'knex'

/** What was seen of workloads while upgrades watched them. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table health_sample (
      upgrade_id text not null references upgrade (id),
      workload text not null,
      at timestamptz not null,
      desired int not null,
      ready int not null,
      updated int not null,
      available int not null,
      restarts int not null,
      healthy boolean,
      primary key (upgrade_id, workload, at)
    );
    comment on table health_sample is 'Pods over time, a row whenever the counts changed: for the plot of an upgrade, and nothing is decided by it. healthy is what the health checks of the bake said; null where none were asked.';

    create function say_sample_added() returns trigger language plpgsql as $$
    begin
      perform say_changed('sample', id, upgrade.namespace, upgrade.service) from upgrade where id = new.upgrade_id;
      return null;
    end $$;
    create trigger health_sample_added after insert on health_sample
      for each row execute function say_sample_added();
  `)
}

/** Forward only: Refit's own record is never thrown away by a tool. */
export function down(): Promise<void> {
  return Promise.reject(new Error('migrations of the store of Refit go forward only'))
}
