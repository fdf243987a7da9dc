import { runtimeSql, storeSql } from '../../src/operations/permissions/database'
import { createStore } from '../../src/store'
import type { Store } from '../../src/store/contracts'
import { testDatabases, type TestDatabases } from '../support/database'
import { secretOf } from '../support/tokens'

let databases: TestDatabases
beforeAll(async () => {
  databases = await testDatabases()
})
afterAll(() => databases.remove())

const password = 'of-the-tests'

/** The same server as another role, and the same database unless another is named. */
function as(username: string, url: string, pathname = new URL(url).pathname): string {
  return Object.assign(new URL(url), { username, password, pathname }).href
}
/** Another database, with the same login. */
const inDatabase = (url: string, name: string): string => Object.assign(new URL(url), { pathname: `/${name}` }).href
const bare = (statement: string): string => statement.replace(/;.*$/, '')

test('with the printed statements a worker makes its tables itself, owning nothing else', async () => {
  const admin = await databases.create()
  const statements = storeSql('maker', 'made').map(bare)
  for (const each of statements.slice(0, -2)) await databases.query(admin, each)
  await databases.query(admin, "alter role maker password 'of-the-tests'")
  await databases.query(inDatabase(admin, 'made'), statements.at(-1) ?? '')
  const own = as('maker', admin, '/made')
  const store = createStore(own)
  await store.migrate()
  await secretOf(store, 'ana', 'viewer')
  expect([await store.check(), await store.lacking()]).toEqual([{ pending: 0 }, []])
  await store.close()
  for (const refused of ['create role another', 'create database another', 'drop schema public', 'create schema s'])
    await expect(databases.query(own, refused)).rejects.toThrow(/permission denied|must be owner/)
})

describe('where another role runs the migrations', () => {
  let [admin, own] = ['', '']
  let store: Store

  beforeAll(async () => {
    ;({ url: admin } = await databases.store())
    await databases.query(admin, "create role runner login password 'of-the-tests'")
    for (const each of runtimeSql('runner', new URL(admin).username)) await databases.query(admin, each)
    own = as('runner', admin)
    store = createStore(own)
  })
  afterAll(() => store.close())

  test('what is left is enough to start and to act, and not to change a table', async () => {
    await store.migrate()
    expect(await store.lacking()).toEqual([])
    await secretOf(store, 'bob', 'viewer')
    await expect(databases.query(own, 'alter table token add column x int')).rejects.toThrow('must be owner')
    await expect(databases.query(own, 'create table x (id int)')).rejects.toThrow('permission denied')
  })

  test('each right on a table that is missing is named', async () => {
    const rights = await databases.query<{ name: string; right: string }>(
      admin,
      `select table_name as name, privilege_type as right from information_schema.role_table_grants
       where grantee = 'runner' and privilege_type in ('SELECT', 'INSERT')`,
    )
    expect(rights.length).toBeGreaterThan(60)
    for (const { name, right } of rights) {
      await databases.query(admin, `revoke ${right} on "${name}" from runner`)
      expect(await store.lacking()).toEqual([`${right} on ${name}`])
      await databases.query(admin, `grant ${right} on "${name}" to runner`)
    }
  })

  test.each(['UPDATE on upgrade', 'DELETE on outbox', 'UPDATE on token'])('so is %s', async (right) => {
    await databases.query(admin, `revoke ${right} from runner`)
    expect(await store.lacking()).toEqual([right])
    await databases.query(admin, `grant ${right} to runner`)
  })

  test('an act whose row in the record is not allowed says so, and does not happen', async () => {
    await databases.query(admin, 'revoke insert on audit from runner')
    const before = await store.tokens.list()
    await expect(secretOf(store, 'cy', 'viewer')).rejects.toMatchObject({
      code: 'DATABASE_UNAVAILABLE',
      message: expect.stringContaining('permission denied for table audit'),
      next: expect.stringContaining('refit permissions'),
    })
    expect(await store.tokens.list()).toEqual(before)
    await databases.query(admin, 'grant insert on audit to runner')
    await secretOf(store, 'cy', 'viewer')
  })

  test('a schema that may not be used is an error that says so', async () => {
    await databases.query(admin, 'revoke select on upgrade from runner')
    await expect(store.upgrades.list({ limit: 1 })).rejects.toMatchObject({
      code: 'DATABASE_UNAVAILABLE',
      message: expect.stringContaining('permission denied for table upgrade'),
    })
    await databases.query(admin, 'grant select on upgrade to runner')
  })
})
