import type { Knex } from 'knex'
import type { FigureStore, Figures } from './figure-contracts'

/** One statement, so that all numbers are of one instant and a scrape takes one connection. */
const statement = `
  select json_build_object(
    'decisions', (select coalesce(json_object_agg(kind, n), '{}') from
      (select kind, count(*)::int as n from decision group by kind) each),
    'open', (select coalesce(json_object_agg(phase, n), '{}') from
      (select phase, count(*)::int as n from upgrade where outcome is null group by phase) each),
    'ended', (select coalesce(json_object_agg(outcome, n), '{}') from
      (select outcome, count(*)::int as n from upgrade where outcome is not null group by outcome) each),
    'held', (select count(*)::int from upgrade where outcome = 'held' and resolved_at is null),
    'approvals', (select coalesce(json_object_agg(age, (
        select count(*) from upgrade
        where outcome is null and phase = 'approval' and started_at <= now() - age * interval '1 second'
      )), '{}') from unnest(?::int[]) as ages (age)),
    'oldestApproval', (select extract(epoch from now() - min(started_at))::float8 from upgrade
      where outcome is null and phase = 'approval'),
    'scan', json_build_object(
      'lastAt', (select extract(epoch from ended_at)::float8 from scan order by ended_at desc limit 1),
      'lastSeconds',
        (select extract(epoch from ended_at - started_at)::float8 from scan order by ended_at desc limit 1),
      'lastCompleteAt',
        (select extract(epoch from ended_at)::float8 from scan where complete order by ended_at desc limit 1)
    ),
    'registries', (select coalesce(json_agg(each), '[]') from (
      select split_part(repository, '/', 1) as host, count(*)::int as repositories,
        count(*) filter (where error_code is not null)::int as failing,
        count(*) filter (where doubted_hash is not null)::int as doubted
      from repository
      where repository in (select body ->> 'repository' from decision where kind not in ('unwatched', 'not-deployed'))
      group by 1 order by 1) each),
    'outbox', (select coalesce(json_agg(each), '[]') from (
      select target,
        count(*) filter (where dead_at is null)::int as waiting,
        count(*) filter (where dead_at is not null)::int as dead,
        extract(epoch from now() - min(created_at) filter (where dead_at is null))::float8 as oldest
      from outbox where sent_at is null group by target order by target) each),
    'quarantined', (select count(*)::int from quarantine where lifted_at is null),
    'freezes', (select json_build_object(
        'hub', count(*) filter (where namespace is null)::int,
        'namespaces', count(*) filter (where namespace is not null)::int
      ) from "freeze" where lifted_at is null),
    'schedulesPaused', (select coalesce(json_agg(schedule order by schedule), '[]') from
      (select distinct on (schedule) schedule, paused from schedule_change order by schedule, id desc) each where paused),
    'data', (select coalesce(json_agg(each), '[]') from (
      select phase,
        count(*) filter (where waiting_for = '')::int as running,
        count(*) filter (where waiting_for <> '')::int as waiting
      from data_run where outcome is null group by phase order by phase) each),
    'dataHeld', (select count(*)::int from (
      select distinct on (namespace, service) outcome from data_run
      order by namespace, service, (outcome is null) desc, started_at desc, id desc) each where outcome = 'held')
  ) as figures`

/** How the hub stands, in numbers. */
export function figuresIn(db: Knex): FigureStore {
  return {
    async read(ages) {
      const { rows } = await db.raw<{ rows: { figures: Figures }[] }>(statement, [[...ages]])
      return (rows[0] as { figures: Figures }).figures
    },
  }
}
