import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import knex, { type Knex } from 'knex'
import { readApplied } from '../../src/clients/applied-migrations'
import { testDatabases, type TestDatabases } from '../support/database'
import { testMariaDb, type TestMariaDb } from '../support/mariadb'

let postgres: TestDatabases
let mariadb: TestMariaDb
const directory = mkdtempSync(join(tmpdir(), 'refit-applied-'))
beforeAll(async () => {
  for (const name of ['2_b.js', '1_a.js'])
    writeFileSync(join(directory, name), 'exports.up = async () => undefined\nexports.down = async () => undefined\n')
  ;[postgres, mariadb] = await Promise.all([testDatabases(), testMariaDb()])
})
afterAll(async () => {
  rmSync(directory, { recursive: true })
  await Promise.all([postgres?.remove(), mariadb?.remove()])
})

const place = 'LEDGER_DATABASE_URL'
/** Applies the two files, as a service does. */
async function migrated(url: string, more: Knex.MigratorConfig = {}): Promise<void> {
  const db = url.startsWith('postgres')
    ? knex({ client: 'pg', connection: url })
    : knex({ client: 'mysql2', connection: { uri: url } as Knex.MySql2ConnectionConfig })
  try {
    await db.migrate.latest({ directory, ...more })
  } finally {
    await db.destroy()
  }
}

describe.each([
  ['postgresql', () => postgres],
  ['mysql', () => mariadb],
] as const)('%s', (engine, server) => {
  const names = ['1_a.js', '2_b.js']

  test('a database without a list has applied nothing', async () => {
    const url = await server().create()
    expect(await readApplied({ url, place })).toEqual({ engine, names: [], locked: false })
  })

  test("knex's default list is found, in the order of application, and its lock is seen", async () => {
    const url = await server().create()
    await migrated(url)
    expect(await readApplied({ url, place })).toEqual({ engine, table: 'knex_migrations', names, locked: false })
    await server().query(url, 'update knex_migrations_lock set is_locked = 1')
    expect(await readApplied({ url, place })).toMatchObject({ locked: true })
  })

  test('a list of another name is found without being named', async () => {
    const url = await server().create()
    await migrated(url, { tableName: 'migration' })
    await server().query(url, 'create table other (id int)')
    await server().query(url, 'create table other_lock (id int)')
    expect(await readApplied({ url, place, hint: 'not_there' })).toMatchObject({ table: 'migration', names })
  })

  test('of two lists one must be named; a hint does', async () => {
    const url = await server().create()
    await migrated(url, { tableName: 'one' })
    await migrated(url, { tableName: 'two' })
    await expect(readApplied({ url, place })).rejects.toMatchObject({
      code: 'USAGE',
      message: 'LEDGER_DATABASE_URL has several lists of applied migrations: one, two.',
    })
    expect(await readApplied({ url, place, table: 'two' })).toMatchObject({ table: 'two', names })
    expect(await readApplied({ url, place, hint: 'one' })).toMatchObject({ table: 'one' })
    await expect(readApplied({ url, place, table: 'three' })).rejects.toMatchObject({ code: 'USAGE' })
  })

  test('what can’t be read is told without address or password', async () => {
    const url = new URL(await server().create())
    url.password = 'hunter2'
    url.username = 'nobody'
    const failure = await readApplied({ url: url.href, place }).then(
      () => undefined,
      (error: Error) => error,
    )
    expect(failure).toMatchObject({
      code: 'DATABASE_UNAVAILABLE',
      message: expect.stringMatching(
        /^The database that LEDGER_DATABASE_URL names can't be read \((28P01|28000|ER_\w+)\)/,
      ),
    })
    url.port = '1'
    await expect(readApplied({ url: url.href, place })).rejects.toMatchObject({
      code: 'DATABASE_UNAVAILABLE',
      message: expect.stringContaining('ECONNREFUSED'),
    })
  })

  test('a table that somebody has locked ends the read in time', async () => {
    const url = await server().create()
    await migrated(url)
    const db = url.startsWith('postgres')
      ? knex({ client: 'pg', connection: url })
      : knex({ client: 'mysql2', connection: { uri: url } as Knex.MySql2ConnectionConfig })
    try {
      await db.transaction(async (trx) => {
        await trx.raw(
          engine === 'postgresql'
            ? 'lock table knex_migrations in access exclusive mode'
            : 'lock tables knex_migrations write',
        )
        await expect(readApplied({ url, place, timeoutMs: 500 })).rejects.toMatchObject({
          code: 'DATABASE_UNAVAILABLE',
        })
        if (engine === 'mysql') await trx.raw('unlock tables')
      })
    } finally {
      await db.destroy()
    }
  })
})

test('a list in another schema of PostgreSQL is found where that is named', async () => {
  const url = await postgres.create()
  await postgres.query(url, 'create schema ledger')
  await migrated(url, { schemaName: 'ledger' })
  expect(await readApplied({ url, place })).toMatchObject({ names: [] })
  expect(await readApplied({ url, place, schema: 'ledger' })).toMatchObject({
    table: 'knex_migrations',
    names: ['1_a.js', '2_b.js'],
  })
})

test('an address of something else is refused without being shown', async () => {
  const failure = readApplied({ url: 'mongodb://me:hunter2@db', place })
  await expect(failure).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: 'LEDGER_DATABASE_URL is no address of a PostgreSQL or MySQL/MariaDB.',
  })
})
