import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Io } from '../../src/cli/io'
import { main } from '../../src/cli/main'
import { makeTransfersThere, sumsThere } from '../support/backfill-mysql'
import { type TestMariaDb, testMariaDb } from '../support/mariadb'

const folder = mkdtempSync(join(tmpdir(), 'refit-backfill-'))
const file = join(folder, 'quote-id.yaml')
let server: TestMariaDb
beforeAll(async () => {
  writeFileSync(
    file,
    `backfill: { table: transfer, key: [id], set: { quote_id: "concat('quote-', amount)" }, where: quote_id is null }`,
  )
  server = await testMariaDb()
})
afterAll(async () => {
  rmSync(folder, { recursive: true })
  await server.remove()
})

async function backfill(url: string, options = '') {
  const said = { code: -1, out: '', err: '' }
  const io: Io = {
    ...{ env: { LEDGER: url }, isTerminal: false, isColorful: false, width: undefined },
    out: (text) => void (said.out += text),
    err: (text) => void (said.err += text),
    ask: () => Promise.resolve(''),
    user: () => 'me@laptop',
    now: () => new Date(),
    interrupted: () => new AbortController().signal,
    startSelf: () => ({ ended: () => '', stop: () => Promise.resolve() }),
  }
  said.code = await main(
    `migrations backfill ${file} --database LEDGER --yes ${options}`.split(' ').filter(Boolean),
    io,
  )
  return said
}

test('on MariaDB it looks, runs to its proof, and shows how it stands', async () => {
  const url = (await server.create()).replace('mysql:', 'mariadb:')
  await makeTransfersThere(url.replace('mariadb:', 'mysql:'), 5_000)
  const dry = await backfill(url, '--dry-run')
  expect(dry).toMatchObject({ code: 0, err: '' })
  expect(dry.out).toContain('key: id bigint(20)')
  expect(dry.out).toContain('the proof finds a row that is to be done')
  expect(dry.out).toContain('table transfer, access range, index PRIMARY')
  expect(dry.out).toContain("note: replica lag can't be read on a primary")
  const done = await backfill(url, '-o json')
  expect(done.code).toBe(0)
  expect(JSON.parse(done.out)).toMatchObject({ outcome: 'done', changed: 5_000, pass: 1 })
  expect((await backfill(url, '--status')).out).toMatch(/^test_1\.transfer: done\npass 1: 5000 rows seen, 5000 changed/)
  expect(await sumsThere(url.replace('mariadb:', 'mysql:'))).toEqual({
    ...{ rows: 5_000, right: 5_000, touches: 5_000, touched: 5_000 },
  })
})
