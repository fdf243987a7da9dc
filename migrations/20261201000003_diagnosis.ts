import type { Knex } from 'knex'

/** What was seen of a failure before it was undone, why an upgrade is held, and as what a person resolved it. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table diagnosis (
      upgrade_id text not null references upgrade (id),
      step text not null,
      body jsonb not null,
      at timestamptz not null default now(),
      primary key (upgrade_id, step)
    );
    comment on table diagnosis is 'Pods, their last lines and warnings as they were when a verdict fell, bounded and with secrets masked. The first one of a step is kept.';
    create trigger diagnosis_insert_only before update or delete on diagnosis
      for each row execute function refuse_change();

    alter table upgrade add column held_reason text;
    comment on column upgrade.held_reason is 'The machine word for why it ended held: names its section of docs/runbook.md.';
    alter table upgrade add column resolved_as text check (resolved_as in ('succeeded', 'rolled-back'));
    comment on column upgrade.resolved_as is 'What a person made of it, once the cluster was checked to match.';
  `)
}

/** Forward only: Refit's own record is never thrown away by a tool. */
export function down(): Promise<void> {
  return Promise.reject(new Error('migrations of the store of Refit go forward only'))
}
