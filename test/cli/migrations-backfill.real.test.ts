import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Io } from '../../src/cli/io'
import { main } from '../../src/cli/main'
import { makeTransfers, sumsOf, withClient } from '../support/backfill'
import { type TestDatabases, testDatabases } from '../support/database'

const folder = mkdtempSync(join(tmpdir(), 'refit-backfill-'))
const file = join(folder, 'quote-id.yaml')
let databases: TestDatabases
beforeAll(async () => {
  writeFileSync(
    file,
    `backfill:
  table: transfer
  key: [id]
  set: { quote_id: "'quote-' || amount" }
  where: quote_id is null
`,
  )
  databases = await testDatabases()
})
afterAll(async () => {
  rmSync(folder, { recursive: true })
  await databases.remove()
})

/** The command on a database, with Ctrl-C at the first line that matches. */
async function backfill(url: string, options = '', interruptAt?: RegExp) {
  const said = { code: -1, out: '', err: '' }
  const stop = new AbortController()
  let now = 0
  const io: Io = {
    ...{ env: { LEDGER: url }, isTerminal: false, isColorful: false, width: undefined },
    out: (text) => void (said.out += text),
    err: (text) => {
      said.err += text
      if (interruptAt?.test(text)) stop.abort()
    },
    ask: () => Promise.resolve(''),
    user: () => 'me@laptop',
    // Every line is said.
    now: () => new Date((now += 2_000)),
    interrupted: () => stop.signal,
    startSelf: () => ({ ended: () => '', stop: () => Promise.resolve() }),
  }
  const args = `migrations backfill ${file} --database LEDGER --yes ${options}`.split(' ').filter(Boolean)
  said.code = await main(args, io)
  return said
}

test('it looks, runs, stops at Ctrl-C, says how to go on, and is done', async () => {
  const url = await databases.create()
  await makeTransfers(url, 5_000)

  const dry = await backfill(url, '--dry-run')
  expect(dry).toMatchObject({ code: 0, err: '' })
  expect(dry.out).toContain('public.transfer: never started')
  expect(dry.out).toContain('key: id bigint')
  expect(dry.out).toContain('rows: 5000 (estimate)')
  expect(dry.out).toContain('the proof finds a row that is to be done')
  expect(dry.out).toMatch(/Update on transfer/)
  expect(await databases.query(url, `select to_regnamespace('refit') as made`)).toEqual([{ made: null }])

  const stopped = await backfill(url, '', /[1-9][0-9]* changed/)
  expect(stopped.code).toBe(1)
  expect(stopped.out).toMatch(
    /^stopped: 1000 rows changed, batches: 1\nnext: refit migrations backfill .*quote-id.yaml --database LEDGER\n$/,
  )

  const status = await backfill(url, '--status')
  expect(status).toMatchObject({ code: 0 })
  expect(status.out).toContain(
    'public.transfer: stopped\npass 1: 1000 of about 5000 rows seen, 1000 changed, batches: 1',
  )

  const done = await backfill(url, '--target 100ms -o json')
  expect(done.code).toBe(0)
  expect(JSON.parse(done.out)).toMatchObject({ outcome: 'done', changed: 5_000, scannedHere: 4_000, pass: 1 })
  expect(done.err).toMatch(/5000 rows seen, 5000 changed/)
  expect((await backfill(url, '--status')).out).toContain('public.transfer: done')
  expect((await backfill(url, '--dry-run')).out).toContain('nothing is to be done')
  expect(await sumsOf(url)).toEqual({ rows: 5_000, right: 5_000, touches: 5_000, touched: 5_000 })
})

test('a killed one shows as interrupted', async () => {
  const url = await databases.create()
  await makeTransfers(url, 5_000)
  await backfill(url, '', /changed/)
  await databases.query(url, `update refit.backfill set state = 'running'`)
  expect((await backfill(url, '--status')).out).toContain('public.transfer: interrupted: run it again, it goes on')
})

test('a user without rights is refused, and is told which', async () => {
  const url = await databases.create()
  await makeTransfers(url, 10)
  await withClient(url, (client) =>
    client.query(`create role reader login password 'x'; grant select on transfer to reader`),
  )
  const reader = Object.assign(new URL(url), { username: 'reader', password: 'x' }).toString()
  const run = await backfill(reader)
  expect(run.code).toBe(3)
  expect(run.err).toContain('The database user lacks a right: permission denied for table transfer.')
  await withClient(url, (client) => client.query('grant update on transfer to reader'))
  const dry = await backfill(reader, '--dry-run')
  expect(dry.code).toBe(0)
  expect(dry.out).toContain("note: long transactions and replicas of other users can't be seen")
})
