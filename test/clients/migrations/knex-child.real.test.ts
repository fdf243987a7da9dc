import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ChildResult, runKnexFile } from '../../../src/clients/migrations/knex-child'
import { tapDatabase } from '../../../src/clients/migrations/wire-tap'
import { type TestDatabases, testDatabases } from '../../support/database'

let databases: TestDatabases
let directory: string
let outside: string
let url: string

beforeAll(async () => {
  databases = await testDatabases()
  url = await databases.create()
  directory = mkdtempSync(join(tmpdir(), 'refit-child-'))
  outside = mkdtempSync(join(tmpdir(), 'refit-outside-'))
  writeFileSync(join(outside, 'token'), 'a secret')
})

afterAll(async () => {
  for (const each of [directory, outside]) rmSync(each, { recursive: true })
  await databases.remove()
})

async function run(text: string, deadlineMs = 20_000): Promise<ChildResult> {
  const file = join(directory, `${Math.random().toString(36).slice(2)}.js`)
  writeFileSync(file, text)
  return runKnexFile({ file, directory, direction: 'up', url, deadlineMs })
}

test('a planted migration finds nothing of who started it', async () => {
  process.env.REFIT_TEST_SECRET = 'a secret'
  const places = [
    join(outside, 'token'),
    '/var/run/secrets/kubernetes.io/serviceaccount/token',
    join(homedir(), '.kube/config'),
    '/etc/passwd',
    '/proc/self/environ',
    `/proc/${process.pid}/environ`,
    `/proc/${process.pid}/cmdline`,
  ]
  const { failure } = await run(`
    const fs = require('fs')
    const attempt = (work) => { try { work(); return 'done' } catch (error) { return error.code } }
    exports.up = async () => {
      const found = {
        environment: process.env,
        home: process.env.HOME ?? 'none',
        reads: ${JSON.stringify(places)}.map((place) => attempt(() => fs.readFileSync(place))),
        lists: attempt(() => fs.readdirSync(${JSON.stringify(outside)})),
        writes: attempt(() => fs.writeFileSync(${JSON.stringify(join(outside, 'planted'))}, '')),
        starts: attempt(() => require('child_process').execSync('env')),
        threads: attempt(() => new (require('worker_threads').Worker)('', { eval: true })),
        args: process.argv.length,
      }
      throw new Error(JSON.stringify(found))
    }`)
  delete process.env.REFIT_TEST_SECRET
  const denied = 'ERR_ACCESS_DENIED'
  expect(JSON.parse(failure ?? '')).toEqual({
    environment: {},
    home: 'none',
    reads: places.map(() => denied),
    lists: denied,
    writes: denied,
    starts: denied,
    threads: denied,
    args: 1,
  })
})

test('one that never ends is stopped, whether it waits, computes or sleeps in the database', async () => {
  const never = /^it did not end within 2 s and was stopped$/
  for (const body of [
    'await new Promise(() => setInterval(() => 0, 1e6))',
    'for (;;);',
    'await knex.raw("select pg_sleep(1000)")',
  ])
    expect((await run(`exports.up = async (knex) => { ${body} }`, 2_000)).failure).toMatch(never)
})

test.each([
  'process.exit(0)',
  'process.exit(3)',
  'setTimeout(() => { throw new Error("later") }); await new Promise(() => setInterval(() => 0, 1e6))',
])('one that ends its own process has failed: %s', async (body) => {
  const { failure } = await run(`exports.up = async () => { ${body} }`)
  expect(failure).toMatch(/^its process (ended|was stopped) .* before the migration had ended/)
})

test('one that would signal a process, its own or the worker’s, has nothing to do it with', async () => {
  const { failure } = await run('exports.up = async () => { process.kill(process.ppid) }')
  expect(failure).toBe('process.kill is not a function')
})

test('one that throws, is no JavaScript or has no function up says so', async () => {
  expect(await run('exports.up = async () => { throw new Error("no such rate") }')).toMatchObject({
    failure: 'no such rate',
  })
  expect((await run('exports.up = (')).failure).toMatch(/Unexpected/)
  expect(await run('exports.down = () => 1')).toMatchObject({ isMissing: true })
})

test('the door notes what any client sends, and leads to no other database', async () => {
  const other = await databases.create()
  const tap = await tapDatabase(url)
  await databases.query(tap.url, 'select $1::text as said', ['hello'])
  expect(tap.statements).toEqual([{ session: 1, sql: 'select $1::text as said', values: ['hello'] }])
  const elsewhere = new URL(tap.url)
  elsewhere.pathname = new URL(other).pathname
  await expect(databases.query(elsewhere.toString(), 'select 1')).rejects.toThrow(/terminated|ECONNRESET/)
  await tap.close()
})
