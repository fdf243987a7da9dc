import { createServer, type AddressInfo } from 'node:net'
import { runBackfill, type BackfillRun } from '../../src/clients/backfill-run'
import { defaultPauseLimits } from '../../src/domain/migrations/backfill'
import type { BackfillProgress } from '../../src/domain/migrations/backfill-progress'
import { makeTransfers, quoteIds, sumsOf, until, withClient } from '../support/backfill'
import { type TestDatabases, testDatabases } from '../support/database'
import { pooler } from '../support/pooler'

const rows = 5_000
const all = { rows, right: rows, touches: rows, touched: rows }
let databases: TestDatabases
beforeAll(async () => void (databases = await testDatabases()))
afterAll(() => databases.remove())

async function transfers(): Promise<string> {
  const url = await databases.create()
  await makeTransfers(url, rows)
  return url
}

/** A run that can be looked at while it runs. */
function start(url: string, more: Partial<BackfillRun> = {}) {
  const seen: BackfillProgress[] = []
  const ended = runBackfill({
    ...{ url, owner: 'test', backfill: quoteIds, ...more },
    onProgress: (progress) => {
      seen.push(progress)
      more.onProgress?.(progress)
    },
  })
  ended.catch(() => undefined)
  const waits = (pattern: RegExp) => until(() => seen.some(({ waitsFor = '' }) => pattern.test(waitsFor)))
  return { seen, ended, waits }
}

/** Holds a run before each batch until it is opened. */
function gate() {
  let why: string | undefined = 'the test holds it'
  return { hold: () => why, open: () => void (why = undefined), close: () => void (why = 'the test holds it') }
}

test('of two at once one waits, and then finds nothing to do', async () => {
  const url = await transfers()
  const held = gate()
  const first = start(url, { owner: 'first', hold: held.hold })
  await first.waits(/the test holds it/)
  const second = start(url, { owner: 'second' })
  await second.waits(/^first works on public.transfer$/)
  held.open()
  expect(await first.ended).toMatchObject({ outcome: 'done' })
  expect(await second.ended).toMatchObject({ outcome: 'done', progress: { scannedHere: 0 } })
  expect(await sumsOf(url)).toEqual(all)
})

test('one that waits for the lease can be stopped', async () => {
  const url = await transfers()
  const held = gate()
  const first = start(url, { owner: 'first', hold: held.hold })
  await first.waits(/the test holds it/)
  const stop = new AbortController()
  const second = start(url, { owner: 'second', signal: stop.signal })
  await second.waits(/first works/)
  stop.abort()
  expect(await second.ended).toMatchObject({ outcome: 'stopped', progress: { scannedHere: 0 } })
  held.open()
  await first.ended
})

test('a lease that somebody else took ends the batch of its former owner, which changes nothing more', async () => {
  const url = await transfers()
  const held = gate()
  const first = start(url, { hold: held.hold, onProgress: ({ scannedHere }) => scannedHere > 0 && held.close() })
  held.open()
  await first.waits(/the test holds it/)
  const before = await sumsOf(url)
  await databases.query(url, `update refit.lease set token = token + 1, owner = 'the thief'`)
  held.open()
  await expect(first.ended).rejects.toMatchObject({
    code: 'LEASE_LOST',
    message: 'The lease backfill/public.transfer was taken by the thief; what was not committed is rolled back.',
  })
  expect(await sumsOf(url)).toEqual(before)
  expect(await start(url).ended).toMatchObject({ outcome: 'done' })
  expect(await sumsOf(url)).toEqual(all)
})

test('a session that is ended by the server is an error that may be tried again, and the next run goes on', async () => {
  const url = await transfers()
  const held = gate()
  const first = start(url, { hold: held.hold, onProgress: ({ scannedHere }) => scannedHere > 0 && held.close() })
  held.open()
  await first.waits(/the test holds it/)
  await databases.query(
    url,
    `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'refit-backfill'`,
  )
  held.open()
  await expect(first.ended).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE', retryable: true })
  expect(await start(url).ended).toMatchObject({ outcome: 'done', progress: { changed: rows } })
  expect(await sumsOf(url)).toEqual(all)
})

test('it pauses while a session is blocked by another, says why, and goes on when none is', async () => {
  const url = await transfers()
  await withClient(url, (holder) =>
    withClient(url, async (waiter) => {
      await databases.query(url, 'create table other (id int)')
      await holder.query('begin; lock table other')
      const waiting = waiter.query('select 1 from other')
      const pauseWhile = { ...defaultPauseLimits, blockedMs: 200 }
      const held = gate()
      const run = start(url, { backfill: { ...quoteIds, pauseWhile }, hold: held.hold })
      // From the first batch on, so that nothing is done before the signals show it.
      await until(async () => {
        const [seen] = await databases.query<{ long: boolean }>(
          url,
          `select count(*) > 0 as long from pg_locks where not granted and waitstart < clock_timestamp() - interval '1.5 s'`,
        )
        return seen?.long
      })
      held.open()
      await run.waits(/^a session has waited [0-9.]+ s for a lock \(limit 0.2 s\)$/)
      expect((await sumsOf(url)).touches).toBe(0)
      await holder.query('rollback')
      await waiting
      expect(await run.ended).toMatchObject({ outcome: 'done' })
    }),
  )
  expect(await sumsOf(url)).toEqual(all)
})

test('it pauses while the health probe gets no good answer', async () => {
  const url = await transfers()
  const broken = createServer((socket) => void socket.destroy())
  await new Promise<void>((resolve) => broken.listen(0, '127.0.0.1', resolve))
  const health = { url: `http://127.0.0.1:${(broken.address() as AddressInfo).port}/health`, p95Ms: 100 }
  const stop = new AbortController()
  const run = start(url, {
    backfill: { ...quoteIds, pauseWhile: { ...defaultPauseLimits, health } },
    signal: stop.signal,
  })
  await run.waits(/^the health probe gets no good answer$/)
  stop.abort()
  expect(await run.ended).toMatchObject({ outcome: 'stopped', progress: { scannedHere: 0 } })
  broken.close()
})

test('it pauses while a transaction is long', async () => {
  const url = await transfers()
  await withClient(url, async (client) => {
    await client.query('begin isolation level repeatable read; select 1 from transfer limit 1')
    const run = start(url, { backfill: { ...quoteIds, pauseWhile: { ...defaultPauseLimits, longTransactionMs: 1 } } })
    await run.waits(/^a transaction has been open for/)
    expect((await sumsOf(url)).touches).toBe(0)
    await client.query('commit')
    expect(await run.ended).toMatchObject({ outcome: 'done' })
  })
})

test('a row that a transaction holds makes the batch try again, and holds nobody up meanwhile', async () => {
  const url = await transfers()
  await withClient(url, async (holder) => {
    await holder.query(`begin; update transfer set amount = amount where id = 500`)
    const run = start(url)
    await run.waits(/another session holds a lock that the batch needs/)
    // Its batch was rolled back: rows that it had changed before the held one are free.
    await withClient(url, (writer) =>
      writer.query(`set statement_timeout = '5s'; update transfer set amount = amount where id = 1`),
    )
    await holder.query('rollback')
    expect(await run.ended).toMatchObject({ outcome: 'done', progress: { changed: rows } })
  })
  const { touches, ...sums } = await sumsOf(url)
  expect(sums).toEqual({ rows, right: rows, touched: rows })
  // The writer's own is the one more.
  expect(touches).toBe(rows + 1)
})

test('a row that was filled by its holder is left as it is', async () => {
  const url = await transfers()
  await withClient(url, async (holder) => {
    await holder.query(`begin; update transfer set quote_id = 'theirs' where id = 500`)
    const run = start(url)
    await run.waits(/another session holds a lock/)
    await holder.query('commit')
    expect(await run.ended).toMatchObject({ outcome: 'done', progress: { changed: rows - 1 } })
  })
  expect(await databases.query(url, 'select quote_id from transfer where id = 500')).toEqual([{ quote_id: 'theirs' }])
})

test('a pooler is refused', async () => {
  const url = await transfers()
  const through = await pooler(url)
  await expect(start(through.url).ended).rejects.toMatchObject({
    code: 'MIGRATION_REFUSED',
    message: expect.stringContaining('connection pooler') as string,
  })
  through.close()
  expect((await sumsOf(url)).touches).toBe(0)
})

test('batches that are too slow are halved, and given up at the smallest', async () => {
  const url = await transfers()
  await databases.query(
    url,
    `create function slow() returns trigger language plpgsql as $$ begin perform pg_sleep(0.02); return new; end $$`,
  )
  await databases.query(url, 'create trigger slow before update on transfer for each row execute function slow()')
  await expect(start(url, { statementTimeoutMs: 200 }).ended).rejects.toMatchObject({
    code: 'MIGRATION_FAILED',
    message: '100 rows took longer than 200 ms, 3 times in a row.',
  })
  expect((await sumsOf(url)).touches).toBe(0)
})
