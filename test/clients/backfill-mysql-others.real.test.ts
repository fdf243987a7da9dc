import { lookAtBackfill } from '../../src/clients/backfill-look'
import { type BackfillRun, runBackfill } from '../../src/clients/backfill-run'
import { type Backfill, defaultPauseLimits } from '../../src/domain/migrations/backfill'
import type { BackfillProgress } from '../../src/domain/migrations/backfill-progress'
import { until } from '../support/backfill'
import { makeTransfersThere, quoteIdsThere, sumsThere, withConnection } from '../support/backfill-mysql'
import { type TestMariaDb, testMariaDb } from '../support/mariadb'

const rows = 5_000
const all = { rows, right: rows, touches: rows, touched: rows }
let server: TestMariaDb
beforeAll(async () => void (server = await testMariaDb()))
afterAll(() => server.remove())

async function transfers(): Promise<string> {
  const url = await server.create()
  await makeTransfersThere(url, rows)
  return url
}

/** A run that can be looked at while it runs. */
function start(url: string, options: Partial<BackfillRun> = {}) {
  const seen: BackfillProgress[] = []
  const ended = runBackfill({
    ...{ url, backfill: quoteIdsThere, owner: 'test', ...options },
    onProgress: (progress) => {
      seen.push(progress)
      options.onProgress?.(progress)
    },
  })
  ended.catch(() => undefined)
  return { ended, waits: (why: RegExp) => until(() => seen.some(({ waitsFor = '' }) => why.test(waitsFor))) }
}

/** Holds a run before each batch until it is opened. */
function gate() {
  let why: string | undefined = 'the test holds it'
  return { hold: () => why, open: () => void (why = undefined), close: () => void (why = 'the test holds it') }
}

/** A run that has done a batch and waits before the next. */
async function afterABatch(url: string) {
  const held = gate()
  const running = start(url, { hold: held.hold, onProgress: ({ scannedHere }) => scannedHere > 0 && held.close() })
  held.open()
  await until(async () => (await sumsThere(url)).touches > 0)
  await running.waits(/the test holds it/)
  return { ...held, ...running }
}

const limited = (limits: Partial<Backfill['pauseWhile']>): Backfill => ({
  ...quoteIdsThere,
  pauseWhile: { ...defaultPauseLimits, ...limits },
})

test('of two at once one waits, and then finds nothing to do', async () => {
  const url = await transfers()
  const held = gate()
  const first = start(url, { owner: 'first', hold: held.hold })
  await first.waits(/the test holds it/)
  expect(await lookAtBackfill({ url, backfill: quoteIdsThere })).toMatchObject({ isLeased: true })
  const second = start(url, { owner: 'second' })
  await second.waits(/^first works on test_\d+\.transfer$/)
  held.open()
  expect(await first.ended).toMatchObject({ outcome: 'done' })
  expect(await second.ended).toMatchObject({ outcome: 'done', progress: { scannedHere: 0 } })
  expect(await sumsThere(url)).toEqual(all)
})

test('a lease that somebody else took ends the batch of its former owner, which changes nothing more', async () => {
  const url = await transfers()
  const first = await afterABatch(url)
  const before = await sumsThere(url)
  await server.query(url, `update refit_lease set token = token + 1, owner = 'the thief'`)
  first.open()
  await expect(first.ended).rejects.toMatchObject({
    code: 'LEASE_LOST',
    message: expect.stringMatching(/was taken by the thief; what was not committed is rolled back/) as string,
  })
  expect(await sumsThere(url)).toEqual(before)
  expect(await start(url).ended).toMatchObject({ outcome: 'done' })
  expect(await sumsThere(url)).toEqual(all)
})

test('a session that is killed on the server is an error that may be tried again, and the next run goes on', async () => {
  const url = await transfers()
  const first = await afterABatch(url)
  const [lease] = await server.query<{ backend: number }>(url, 'select backend from refit_lease')
  await server.query(url, `kill ${lease!.backend}`)
  first.open()
  await expect(first.ended).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE', retryable: true })
  expect(await start(url).ended).toMatchObject({ outcome: 'done', progress: { changed: rows } })
  expect(await sumsThere(url)).toEqual(all)
})

test.each([
  [
    'a row',
    'start transaction; update other set amount = 1 where amount = 1',
    'update other set amount = 2 where amount = 1',
  ],
  ['a table', 'lock tables other write', 'select 1 from other'],
])('it pauses while a session waits for %s, says why, and goes on when none does', async (_name, hold, wait) => {
  const url = await transfers()
  await server.query(url, 'create table other as select 1 as amount')
  await withConnection(url, (holder) =>
    withConnection(url, async (waiter) => {
      for (const sql of hold.split('; ')) await holder.query(sql)
      const waiting = waiter.query(wait)
      const held = gate()
      const running = start(url, { backfill: limited({ blockedMs: 200 }), hold: held.hold })
      // From the first batch on, so that nothing is done before the signals show it.
      await until(async () => {
        const [longest] = await server.query<{ ms: number }>(
          url,
          `select max(time_ms) as ms from information_schema.processlist
          where db = database() and (state like 'Waiting for table%' or state in ('Updating', 'Searching rows for update'))`,
        )
        return Number(longest?.ms) > 2_500
      })
      held.open()
      await running.waits(/^a session has waited [0-9.]+ s for a lock \(limit 0.2 s\)$/)
      expect(await server.query(url, 'select id from transfer where quote_id is not null')).toEqual([])
      await holder.query(hold.startsWith('lock') ? 'unlock tables' : 'rollback')
      await waiting
      expect(await running.ended).toMatchObject({ outcome: 'done', progress: { changed: rows } })
    }),
  )
})

test('it pauses while a transaction is long', async () => {
  const url = await transfers()
  await withConnection(url, async (other) => {
    await other.query('start transaction with consistent snapshot')
    await other.query('select 1 from transfer limit 1')
    const held = gate()
    const running = start(url, { backfill: limited({ longTransactionMs: 1 }), hold: held.hold })
    // From the first batch on, and not asked too often: the server answers from a cache that lives as long as it is read.
    await until(async () => {
      await new Promise((resolve) => setTimeout(resolve, 300))
      const [oldest] = await server.query<{ seconds: number }>(
        url,
        'select max(timestampdiff(second, trx_started, now())) as seconds from information_schema.innodb_trx',
      )
      return Number(oldest?.seconds) > 2
    })
    held.open()
    await running.waits(/^a transaction has been open for/)
    expect((await sumsThere(url)).touches).toBe(0)
    await other.query('commit')
    expect(await running.ended).toMatchObject({ outcome: 'done' })
  })
})

test('a row that a transaction holds makes the batch try again, and holds nobody up meanwhile', async () => {
  const url = await transfers()
  await withConnection(url, async (holder) => {
    await holder.query('start transaction')
    await holder.query(`update transfer set quote_id = 'theirs' where id = 500`)
    const running = start(url)
    await running.waits(/another session holds a lock that the batch needs/)
    // Its batch was rolled back: rows that it had changed before the held one are free.
    await withConnection(url, async (writer) => {
      await writer.query('set session innodb_lock_wait_timeout = 5')
      await writer.query('update transfer set amount = amount where id = 1')
    })
    await holder.query('commit')
    expect(await running.ended).toMatchObject({ outcome: 'done', progress: { changed: rows - 1 } })
  })
  expect(await server.query(url, 'select quote_id from transfer where id = 500')).toEqual([{ quote_id: 'theirs' }])
})

test('batches that are too slow are halved, and given up at the smallest', async () => {
  const url = await transfers()
  await server.query(
    url,
    `create trigger slow before update on transfer for each row set new.quote_id = if(sleep(0.02) = 0, new.quote_id, null)`,
  )
  await expect(start(url, { statementTimeoutMs: 200 }).ended).rejects.toMatchObject({
    code: 'MIGRATION_FAILED',
    message: '100 rows took longer than 200 ms, 3 times in a row.',
  })
  expect((await sumsThere(url)).touches).toBe(0)
})

describe('a user who is not root', () => {
  const as = (url: string, user: string, password = 'x'): string =>
    Object.assign(new URL(url), { username: user, password }).toString()
  const user = async (url: string, name: string, ...rights: string[]): Promise<string> => {
    const database = new URL(url).pathname.slice(1)
    await server.query(url, `create user ${name}@'127.0.0.1' identified by 'x'`)
    for (const right of rights)
      await server.query(url, `grant ${right.replace(' here', ` on ${database}.*`)} to ${name}@'127.0.0.1'`)
    return as(url, name)
  }

  test('is refused on a server that is read-only', async () => {
    const url = await transfers()
    const theirs = await user(url, 'writer', 'all here')
    await server.query(url, 'set global read_only = 1')
    await expect(start(theirs).ended).rejects.toMatchObject({
      code: 'MIGRATION_REFUSED',
      message: expect.stringContaining('replica') as string,
    })
    await server.query(url, 'set global read_only = 0')
    expect(await start(theirs).ended).toMatchObject({ outcome: 'done' })
    expect(await sumsThere(url)).toEqual(all)
  })

  test('loses the database when it becomes read-only in the middle, and goes on when it is not', async () => {
    const url = await transfers()
    const first = await afterABatch(await user(url, 'unlucky', 'all here'))
    await server.query(url, 'set global read_only = 1')
    first.open()
    await expect(first.ended).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE', retryable: true })
    await server.query(url, 'set global read_only = 0')
    expect(await start(url).ended).toMatchObject({ outcome: 'done' })
    expect(await sumsThere(url)).toEqual(all)
  })

  test('without UPDATE is refused, without PROCESS is told what can not be seen, with a wrong password is told so', async () => {
    const url = await transfers()
    const theirs = await user(url, 'reader', 'select here')
    await expect(start(theirs).ended).rejects.toMatchObject({
      code: 'MIGRATION_REFUSED',
      message: expect.stringContaining('lacks a right: UPDATE command denied') as string,
    })
    await expect(start(as(url, 'reader', 'wrong')).ended).rejects.toMatchObject({
      code: 'DATABASE_UNAVAILABLE',
      message: expect.stringContaining('refused the login') as string,
    })
  })
})

test('a server that is away, a URL without a database', async () => {
  await expect(start('mariadb://root@127.0.0.1:1/none').ended).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' })
  const bare = Object.assign(new URL(await server.create()), { pathname: '/' }).toString()
  await expect(start(bare).ended).rejects.toMatchObject({
    code: 'MIGRATION_REFUSED',
    message: 'The database URL names no database.',
  })
})
