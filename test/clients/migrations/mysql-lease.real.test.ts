import { createConnection, type Connection } from 'mysql2/promise'
import {
  beatMysqlLease,
  checkMysqlLease,
  isMysqlLeased,
  releaseMysqlLease,
  takeMysqlLease,
} from '../../../src/clients/migrations/mysql-lease'
import { testMariaDb, type TestMariaDb } from '../../support/mariadb'

let mariadb: TestMariaDb
const open: Connection[] = []
beforeAll(async () => void (mariadb = await testMariaDb()), 60_000)
afterEach(() => {
  for (const connection of open.splice(0)) connection.destroy()
})
afterAll(() => mariadb?.remove())

async function connect(url: string): Promise<Connection> {
  const connection = await createConnection({ uri: url })
  open.push(connection)
  return connection
}
const never = (): void => undefined

test('one session has it; the next one waits, sees who, and gets a greater token once that session ends', async () => {
  const url = await mariadb.create()
  const [first, second] = [await connect(url), await connect(url)]
  const held = await takeMysqlLease(first, { name: 'migrations', owner: 'one', waiting: never })
  expect(held).toMatchObject({ owner: 'one', token: '1' })
  await expect(isMysqlLeased(second, 'migrations')).resolves.toBe(true)
  const holders: string[] = []
  const waits = takeMysqlLease(second, {
    ...{ name: 'migrations', owner: 'two' },
    waiting: (holder) => {
      holders.push(holder)
      first.destroy()
    },
  })
  await expect(waits).resolves.toMatchObject({ owner: 'two', token: '2' })
  expect(holders[0]).toBe('one')
})

test('who has lost it is told so by the token, in a transaction and at a beat', async () => {
  const url = await mariadb.create()
  const connection = await connect(url)
  const old = await takeMysqlLease(connection, { name: 'migrations', owner: 'one', waiting: never })
  if (!old) throw new Error('no lease')
  await beatMysqlLease(connection, old)
  await beatMysqlLease(connection, old)
  await checkMysqlLease(connection, old)
  await releaseMysqlLease(connection, old)
  await expect(isMysqlLeased(connection, 'migrations')).resolves.toBe(false)
  await takeMysqlLease(await connect(url), { name: 'migrations', owner: 'two', waiting: never })
  await expect(checkMysqlLease(connection, old)).rejects.toMatchObject({ code: 'LEASE_LOST' })
  await expect(beatMysqlLease(connection, old)).rejects.toMatchObject({
    code: 'LEASE_LOST',
    message: expect.stringContaining('two') as string,
  })
})

test('two databases of one server have leases of their own; an abort ends the wait', async () => {
  const url = await mariadb.create()
  const [one, other, elsewhere] = [await connect(url), await connect(url), await connect(await mariadb.create())]
  const taking = { name: 'migrations', owner: 'one', waiting: never }
  await takeMysqlLease(one, taking)
  await expect(takeMysqlLease(elsewhere, taking)).resolves.toMatchObject({ token: '1' })
  await expect(takeMysqlLease(other, { ...taking, signal: AbortSignal.abort() })).resolves.toBeUndefined()
})
