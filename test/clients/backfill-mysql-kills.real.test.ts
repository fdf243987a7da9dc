import { runBackfill } from '../../src/clients/backfill-run'
import { until } from '../support/backfill'
import { makeTransfersThere, quoteIdsThere, sumsThere, withConnection } from '../support/backfill-mysql'
import { kill, killAll, type Running, scannedBy, startBackfill } from '../support/backfill-runner'
import { type TestMariaDb, testMariaDb } from '../support/mariadb'

const rows = 20_000
let server: TestMariaDb
beforeAll(async () => void (server = await testMariaDb()))
afterEach(killAll)
afterAll(() => server.remove())

const start = (url: string, owner: string): Running => startBackfill(url, quoteIdsThere, owner)

/** Waits until a session runs a statement that has the text in it, and waits for a row or to be let commit. */
const waitsWith = (url: string, text: string): Promise<boolean> =>
  withConnection(url, (connection) =>
    until(async () => {
      // Asked more often, the server answers with what it said before.
      await new Promise((resolve) => setTimeout(resolve, 250))
      const [seen] = await connection.query(
        `select trx_query as statement from information_schema.innodb_trx where trx_state = 'LOCK WAIT'
         union all select info from information_schema.processlist where state = 'Waiting for backup lock'`,
      )
      return (seen as { statement: string | null }[]).some(({ statement }) => statement?.includes(text))
    }),
  )

/** The 401st of the next batch. */
const aRow = (done: number) => `select 1 from transfer where id = ${done + 401} for update`

/** What keeps the runner where it is to be killed, by which statement it is known to be there, and what holds it then. */
interface Point {
  hold?: (done: number) => string
  at?: string
  then?: { hold: string[]; at: string }
  /** what it had sent by then ends its batch without it */
  isSent?: boolean
  /** without holding it: rows of its own that it has looked at */
  seen?: number
}
const points: [string, Point][] = [
  ['while it takes the lease', { hold: () => 'select * from refit_lease for update', at: 'insert into refit_lease' }],
  [
    'while it opens its checkpoint',
    { hold: () => 'select * from refit_backfill for update', at: 'insert into refit_backfill' },
  ],
  ['inside its first batch, with some of its rows changed', { hold: aRow, at: 'update `transfer`' }],
  [
    'between the change of a batch and its checkpoint',
    {
      ...{ hold: aRow, at: 'update `transfer`' },
      then: {
        hold: ['start transaction', 'select * from refit_backfill for update'],
        at: 'update refit_backfill set upto',
      },
    },
  ],
  [
    'between the commit of a batch and its report',
    {
      ...{ hold: aRow, at: 'update `transfer`', isSent: true },
      then: {
        hold: ['start', 'flush', 'block_ddl', 'block_commit'].map((stage) => `backup stage ${stage}`),
        at: 'commit',
      },
    },
  ],
  ['after its first batch', { seen: 1 }],
  ['after some batches', { seen: 2_500 }],
  ['inside a batch, when others were committed before', { hold: aRow, at: 'update `transfer`' }],
]

describe('killed at one point after the other, the next one goes on: no row is lost, none is changed twice', () => {
  let url: string
  beforeAll(async () => {
    url = await server.create()
    await makeTransfersThere(url, rows)
    // Makes the tables and the rows that are to be held.
    await runBackfill({ url, owner: 'setup', backfill: quoteIdsThere, signal: AbortSignal.abort() })
  })

  test.each(points)('%s', async (name, point) => {
    const before = await sumsThere(url)
    await killedAt(url, name, point, before.right)
    const after = await settled(url)
    // What was held back is all undone; what was committed is all there. Its checkpoint says the same.
    if (point.hold && !point.isSent) expect(after.right).toBe(before.right)
    else expect(after.right).toBeGreaterThan(before.right)
    expect(after).toMatchObject({ touches: after.right, touched: after.right })
    expect(await checkpointOf(url)).toEqual({ changed: after.right, upto: after.right })
  })

  test('and the last one is not killed', async () => {
    const last = start(url, 'the last')
    await last.ended
    expect(last.lines.at(-1)).toBe('done')
    expect(await sumsThere(url)).toEqual({ rows, right: rows, touches: rows, touched: rows })
  })
})

const killedAt = (url: string, name: string, { hold, at, then, seen = 0 }: Point, done: number): Promise<void> =>
  withConnection(url, (first) =>
    withConnection(url, async (second) => {
      if (hold) await first.query('start transaction')
      if (hold) await first.query(hold(done))
      const running = start(url, name)
      if (at) await waitsWith(url, at)
      else await until(() => running.lines.some((line) => scannedBy(line) >= seen))
      if (then) {
        for (const sql of then.hold) await second.query(sql)
        await first.query('rollback')
        await waitsWith(url, then.at)
      }
      await kill(running)
    }),
  )

test('killed at random moments, again and again', async () => {
  const url = await server.create()
  await makeTransfersThere(url, 100_000)
  for (let i = 0; i < 5; i += 1) {
    const running = start(url, `run ${i}`)
    await until(() => running.lines.some((line) => scannedBy(line) > 0 || line === 'done'))
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 60))
    await kill(running)
  }
  const last = start(url, 'the last')
  await last.ended
  expect(last.lines.at(-1)).toBe('done')
  expect(await sumsThere(url)).toEqual({ rows: 100_000, right: 100_000, touches: 100_000, touched: 100_000 })
})

/** Its session may still be ending. */
async function settled(url: string) {
  await until(async () => {
    const others = await server.query(
      url,
      `select 1 from information_schema.processlist where db = database() and id <> connection_id()`,
    )
    return others.length === 0
  })
  return sumsThere(url)
}

const checkpointOf = async (url: string) => {
  const [row] = await server.query<{ changed: number; upto: string | null }>(
    url,
    'select changed, upto from refit_backfill',
  )
  return row && { changed: row.changed, upto: row.upto ? Number((JSON.parse(row.upto) as string[])[0]) : 0 }
}
