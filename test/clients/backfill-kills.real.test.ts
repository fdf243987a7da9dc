import { runBackfill } from '../../src/clients/backfill-run'
import { makeTransfers, quoteIds, sumsOf, until, withClient } from '../support/backfill'
import { kill, killAll, type Running, scannedBy, startBackfill } from '../support/backfill-runner'
import { type TestDatabases, testDatabases } from '../support/database'

const rows = 20_000
let databases: TestDatabases
beforeAll(async () => void (databases = await testDatabases()))
afterEach(killAll)
afterAll(() => databases.remove())

const start = (url: string, owner: string): Running => startBackfill(url, quoteIds, owner)

const waitsWith = (url: string, text: string) =>
  withClient(url, (client) =>
    until(async () => {
      const { rowCount } = await client.query(
        `select 1 from pg_stat_activity where application_name = 'refit-backfill' and wait_event_type = 'Lock'
           and query like $1`,
        [`%${text}%`],
      )
      return (rowCount ?? 0) > 0
    }),
  )

const aRow = `select 1 from transfer where quote_id is null order by id offset 400 limit 1 for update`

/** What keeps the runner where it is to be killed, by which statement it is known to be there, and what holds it then. */
interface Point {
  hold?: string
  at?: string
  then?: { hold: string; at: string }
  /** what it had sent by then ends its batch without it */
  isSent?: boolean
  /** without holding it: rows of its own that it has looked at */
  seen?: number
}
const points: [string, Point][] = [
  ['while it takes the lease', { hold: 'select 1 from refit.lease for update', at: 'into refit.lease' }],
  ['while it opens its checkpoint', { hold: 'select 1 from refit.backfill for update', at: 'into refit.backfill' }],
  ['inside its first batch, with some of its rows changed', { hold: aRow, at: 'update "transfer"' }],
  [
    'between the change of a batch and its checkpoint',
    {
      ...{ hold: aRow, at: 'update "transfer"' },
      then: { hold: 'select 1 from refit.backfill for update', at: 'update refit.backfill set upto' },
      isSent: true,
    },
  ],
  ['after its first batch', { seen: 1 }],
  ['after some batches', { seen: 2_500 }],
  ['inside a batch, when others were committed before', { hold: aRow, at: 'update "transfer"' }],
]

test('killed at one point after the other, the next one goes on: no row is lost, none is changed twice', async () => {
  const url = await databases.create()
  await makeTransfers(url, rows)
  // Makes the tables that are to be held.
  await runBackfill({ url, owner: 'setup', backfill: quoteIds, signal: AbortSignal.abort() })
  for (const [name, point] of points) {
    const before = await sumsOf(url)
    await killedAt(url, name, point)
    const after = await settled(url)
    // What was held back is all undone; what was committed is all there. Its checkpoint says the same.
    if (point.hold && !point.isSent) expect({ name, right: after.right }).toEqual({ name, right: before.right })
    else expect(after.right).toBeGreaterThan(before.right)
    expect({ name, ...after }).toMatchObject({ name, touches: after.right, touched: after.right })
    expect(await checkpointOf(url)).toEqual({ changed: after.right, upto: after.right })
  }
  const last = start(url, 'the last')
  await last.ended
  expect(last.lines.at(-1)).toBe('done')
  expect(await sumsOf(url)).toEqual({ rows, right: rows, touches: rows, touched: rows })
})

const killedAt = (url: string, name: string, { hold, at, then, seen = 0 }: Point): Promise<void> =>
  withClient(url, (first) =>
    withClient(url, async (second) => {
      if (hold) await first.query(`begin; ${hold}`)
      const running = start(url, name)
      if (at) await waitsWith(url, at)
      else await until(() => running.lines.some((line) => scannedBy(line) >= seen))
      if (then) {
        await second.query(`begin; ${then.hold}`)
        await first.query('rollback')
        await waitsWith(url, then.at)
      }
      await kill(running)
    }),
  )

test('killed at random moments, again and again', async () => {
  const url = await databases.create()
  await makeTransfers(url, 100_000)
  for (let i = 0; i < 5; i += 1) {
    const running = start(url, `run ${i}`)
    await until(() => running.lines.some((line) => scannedBy(line) > 0 || line === 'done'))
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 60))
    await kill(running)
  }
  const last = start(url, 'the last')
  await last.ended
  expect(last.lines.at(-1)).toBe('done')
  expect(await sumsOf(url)).toEqual({ rows: 100_000, right: 100_000, touches: 100_000, touched: 100_000 })
})

test('a server that crashes has all of a batch or nothing of it, and the next run goes on', async () => {
  const url = await databases.create()
  await makeTransfers(url, 100_000)
  const running = start(url, 'crashed')
  await until(() => running.lines.some((line) => scannedBy(line) > 5_000))
  await databases.kill()
  await running.ended
  expect(running.lines.at(-1)).toBe('DATABASE_UNAVAILABLE')
  await databases.start()
  const after = await sumsOf(url)
  expect(after).toMatchObject({ touches: after.right, touched: after.right })
  expect(await checkpointOf(url)).toEqual({ changed: after.right, upto: after.right })
  const last = start(url, 'the last')
  await last.ended
  expect(last.lines.at(-1)).toBe('done')
  expect(await sumsOf(url)).toEqual({ rows: 100_000, right: 100_000, touches: 100_000, touched: 100_000 })
})

/** Its backend may still be ending. */
async function settled(url: string) {
  await withClient(url, (client) =>
    until(async () => {
      const { rowCount } = await client.query(
        `select 1 from pg_stat_activity where application_name like 'refit-backfill%'`,
      )
      return rowCount === 0
    }),
  )
  return sumsOf(url)
}

const checkpointOf = async (url: string) =>
  (await databases.query(url, 'select changed::int, coalesce(upto[1]::int, 0) as upto from refit.backfill'))[0]
