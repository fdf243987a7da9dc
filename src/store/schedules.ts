import type { Knex } from 'knex'
import type { PausedSchedule, Store } from './contracts'
import { clean } from './text'

/** When Schedules were paused and went on, as far as Refit saw or did it. */
export function schedulesIn(db: Knex): Store['schedules'] {
  return {
    async note({ schedule, paused, note, by, verified = false }) {
      await db.raw(
        `insert into schedule_change (schedule, paused, note, by, verified)
         select ?, ?, ?, ?, ?
         where ? is distinct from coalesce((${newest} where schedule = ? order by id desc limit 1), false)`,
        [schedule, paused, clean(note), by === undefined ? null : clean(by), verified, paused, schedule],
      )
    },

    async paused() {
      const { rows } = await db.raw<{ rows: (PausedSchedule & { paused: boolean })[] }>(
        'select distinct on (schedule) schedule, paused, note, at from schedule_change order by schedule, id desc',
      )
      return rows.filter(({ paused }) => paused).map(({ schedule, note, at }) => ({ schedule, note, at }))
    },
  }
}

const newest = 'select paused from schedule_change'
