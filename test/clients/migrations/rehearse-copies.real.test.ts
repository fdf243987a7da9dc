import type { Rehearsal } from '../../../src/clients/migrations/rehearse'
import { knex, type Rehearsals, rehearsals, schema } from './rehearse-support'

let server: Rehearsals
beforeAll(async () => {
  server = await rehearsals()
})
afterAll(() => server.remove())

test('sizes of production decide on what is heavy', async () => {
  const files = { 'expand/1.sql': 'alter table transfer alter column amount type numeric(12, 3)' }
  const small = await server.on(files, { sizes: new Map([['transfer', 5]]) })
  const huge = await server.on(files, { sizes: new Map([['transfer', 20_000_000]]) })
  const rewrite = (rehearsal: Rehearsal) => rehearsal.files[0]?.findings.find(({ rule }) => rule === 'table-rewrite')
  expect([rewrite(small)?.answer, rewrite(huge)?.answer]).toEqual(['go', 'refused'])
  expect(small.digest).not.toBe(huge.digest)
})

test('an interrupted rehearsal stops what runs', async () => {
  const stop = new AbortController()
  const interrupted = expect(
    server.on({ '1.sql': 'select pg_sleep(1000)' }, { signal: stop.signal }),
  ).rejects.toMatchObject({
    code: 'WAIT_EXPIRED',
  })
  const sleeping = () =>
    server.databases.query(server.url, `select from pg_stat_activity where query ~ '^select pg_sleep'`)
  while ((await sleeping()).length === 0) await new Promise((resolve) => setTimeout(resolve, 20))
  stop.abort()
  await interrupted
  expect(await sleeping()).toEqual([])
})

test('the same rehearsal has the same digest', async () => {
  const files = { '1.js': knex('await knex("quote").del()') }
  const [first, again] = [await server.on(files), await server.on(files)]
  expect(again.digest).toBe(first.digest)
})

test('a database with tables is only rehearsed on where that is said; what its list names is left out', async () => {
  const restored = await server.databases.create()
  await server.databases.query(
    restored,
    `${schema} create table knex_migrations (name text); insert into knex_migrations values ('1.sql')`,
  )
  const files = { '1.sql': 'this is no SQL', '2.sql': 'alter table transfer add column note text' }
  await expect(server.on(files, { url: restored, schema: undefined })).rejects.toMatchObject({
    code: 'USAGE',
    message: expect.stringMatching(/has 3 tables/),
  })
  const rehearsal = await server.on(files, { url: restored, schema: undefined, useExisting: true })
  expect(rehearsal).toMatchObject({ verdict: 'light', applied: ['1.sql'] })
  const [row] = await server.databases.query<{ n: number }>(
    restored,
    `select count(*)::int as n from information_schema.columns where column_name = 'note'`,
  )
  expect(row?.n).toBe(0)
})

test('no copy is left behind', async () => {
  const left = await server.databases.query(
    server.url,
    `select datname from pg_database where datname like 'refit_rehearsal%'`,
  )
  expect(left).toEqual([])
})
