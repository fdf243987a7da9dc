import { createConnection } from 'mysql2/promise'
import { copyFingerprint, openCopy } from '../../../src/clients/migrations/job-copy'
import { testMariaDb, type TestMariaDb } from '../../support/mariadb'

let server: TestMariaDb
let url: string
beforeAll(async () => {
  server = await testMariaDb()
  url = await server.create()
  await server.query(url, 'create table transfer (id int primary key, amount int)')
})
afterAll(() => server.remove())

const runOn = async (at: string, sql: string): Promise<unknown> => {
  const connection = await createConnection({ uri: at })
  try {
    return (await connection.query(sql))[0]
  } finally {
    await connection.end()
  }
}

test('a copy on MariaDB has a login of its own, which reaches no other database', async () => {
  const copy = await openCopy(url)
  const before = await copy.look()
  expect(before.sha256).toBe((await copyFingerprint(url)).sha256)
  await runOn(copy.url, 'alter table transfer add column note text')
  expect((await copy.look()).items.map(({ name }) => name)).toContain('transfer.note')
  const base = new URL(url).pathname.slice(1)
  await expect(runOn(copy.url, `select * from ${base}.transfer`)).rejects.toThrow(/denied/)
  await expect(runOn(copy.url, 'create database other')).rejects.toThrow(/denied/)
  await copy.remove()
  expect(await server.query(url, "select user from mysql.user where user like 'refit%'")).toEqual([])
  expect(await server.query(url, "show databases like 'refit_rehearsal%'")).toEqual([])
})

test('a server that is away is named without its password', async () => {
  await expect(copyFingerprint('mysql://root:secret@127.0.0.1:1/x')).rejects.toMatchObject({
    code: 'DATABASE_UNAVAILABLE',
    message: expect.not.stringContaining('secret') as string,
  })
})
