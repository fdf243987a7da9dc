import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { verifyAudit } from '../../src/operations/audit'
import { createStore } from '../../src/store'
import type { Store } from '../../src/store/contracts'
import { testDatabases, type TestDatabases } from '../support/database'
import { secretOf } from '../support/tokens'

const script = readFileSync(join(__dirname, '../../deploy/postgres/audit.sql'), 'utf8')

let databases: TestDatabases
let store: Store
/** as a superuser, and as the role that Refit logs in as */
let [url, own] = ['', '']

beforeAll(async () => {
  databases = await testDatabases()
  url = await databases.create()
  const name = new URL(url).pathname.slice(1)
  await databases.query(url, "create role refit login password 'of-the-tests'")
  await databases.query(url, `alter database ${name} owner to refit`)
  const login = new URL(url)
  login.username = 'refit'
  login.password = 'of-the-tests'
  own = login.href
  store = createStore(own)
  await store.migrate()
  await secretOf(store, 'ana', 'viewer')
  await databases.query(url, script)
  await databases.query(url, script)
})
afterAll(async () => {
  await store.close()
  await databases.remove()
})

test('Refit goes on: acts are written, and a start finds its schema', async () => {
  await secretOf(store, 'bob', 'viewer')
  await store.migrate()
  expect([await store.check(), await store.lacking()]).toEqual([{ pending: 0 }, []])
  expect(await verifyAudit({ store })).toMatchObject({ rows: 2, broken: null })
  await databases.query(own, 'create table later (id int); drop table later')
})

test.each([
  ["update audit set body = '{}'", 'permission denied'],
  ['delete from audit', 'permission denied'],
  ['truncate audit', 'permission denied'],
  ['drop table audit', 'must be owner'],
  ['alter table audit disable trigger all', 'must be owner'],
  ['drop trigger audit_append_only on audit', 'must be owner'],
  ['alter table audit owner to refit', 'must be owner'],
  ['drop schema public cascade', 'must be owner'],
  ['set role refit_audit', 'permission denied'],
  ['set session_replication_role = replica', 'permission denied'],
  [
    'create or replace function audit_chain() returns trigger language plpgsql as $$ begin return new; end $$',
    'must be owner',
  ],
])('the role of Refit itself may not: %s', async (sql, because) => {
  await expect(databases.query(own, sql)).rejects.toThrow(because)
  expect((await verifyAudit({ store })).broken).toBeNull()
})
