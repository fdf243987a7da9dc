/**
 * One clock for a simulation: that of the time-skipping Temporal server, also for this process's `Date` and for every
 * statement that it sends to PostgreSQL. All three run on as the real clock does, ahead of it by what was skipped.
 */
import { Context } from '@temporalio/activity'
import { Client } from 'pg'
import type { Activities } from '../../../src/activities'

export interface SimulatedClock {
  now(): number
  /** moves the clock on to what the server's clock says (epoch ms); never back */
  follow(serverMs: number): Promise<void>
  /** activities that begin by the server's clock */
  followedBy(activities: Activities): Activities
  restore(): Promise<void>
}

const stepMs = 500

/** `databaseUrl`: an empty database, whose `now()` becomes the clock's. */
export async function simulatedClock(databaseUrl: string): Promise<SimulatedClock> {
  const database = new Client({ connectionString: databaseUrl })
  await database.connect()
  await database.query(`
    create schema simulated;
    create table simulated.clock (ahead interval not null);
    insert into simulated.clock values ('0');
    create function simulated.now() returns timestamptz language sql stable
      as 'select pg_catalog.now() + ahead from simulated.clock'`)
  const real = globalThis.Date
  const realQuery = Client.prototype.query as (...args: unknown[]) => unknown
  let aheadMs = 0
  const now = (): number => real.now() + aheadMs
  globalThis.Date = new Proxy(real, {
    construct: (target, args, self) =>
      args.length === 0
        ? new target(now())
        : (Reflect.construct(target, args, self === globalThis.Date ? target : self) as Date),
    get: (target, key) => (key === 'now' ? now : (Reflect.get(target, key) as unknown)),
  })
  Client.prototype.query = function (this: Client, first: unknown, ...rest: unknown[]) {
    return realQuery.call(this, byTheClock(first), ...rest)
  } as never
  let moving: Promise<unknown> = Promise.resolve()
  const clock: SimulatedClock = {
    now,
    async follow(serverMs) {
      if (serverMs - now() > stepMs) {
        aheadMs = serverMs - real.now()
        const ahead = aheadMs
        moving = moving.then(() =>
          realQuery.call(database, `update simulated.clock set ahead = $1 * interval '1 millisecond'`, [ahead]),
        )
      }
      await moving
    },
    followedBy: (activities) =>
      Object.fromEntries(
        Object.entries(activities).map(([name, activity]) => [
          name,
          async (...args: unknown[]) => {
            await clock.follow(Context.current().info.currentAttemptScheduledTimestampMs)
            return (activity as (...all: unknown[]) => Promise<unknown>)(...args)
          },
        ]),
      ) as unknown as Activities,
    async restore() {
      globalThis.Date = real
      Client.prototype.query = realQuery as never
      await database.end()
    },
  }
  return clock
}

/** A statement that asks for the simulated time wherever it asks for the time. */
function byTheClock(statement: unknown): unknown {
  if (typeof statement === 'string')
    return statement.replace(/\bCURRENT_TIMESTAMP\b|(?<![.\w])now\(\)/g, 'simulated.now()')
  if (typeof statement === 'object' && statement !== null && 'text' in statement && typeof statement.text === 'string')
    statement.text = byTheClock(statement.text)
  return statement
}
