import { createConnection, type Connection } from 'mysql2/promise'
import { beatLease, checkLease, takeLease } from '../../../src/clients/backfill-lease'
import { locksOn } from '../../../src/clients/backfill-mysql'
import { leaseTable } from '../../../src/clients/backfill-mysql-tables'
import { testMariaDb, type TestMariaDb } from '../../support/mariadb'

let mariadb: TestMariaDb
const open: Connection[] = []
beforeAll(async () => void (mariadb = await testMariaDb()), 60_000)
afterEach(() => {
  for (const connection of open.splice(0)) connection.destroy()
})
afterAll(() => mariadb?.remove())

async function connect(url: string) {
  const connection = await createConnection({ uri: url })
  open.push(connection)
  await connection.query(leaseTable)
  return { connection, ...locksOn(connection, connection.threadId) }
}
const never = (): void => undefined

test('one session has it; the next one waits, sees who, and gets a greater token once that session ends', async () => {
  const url = await mariadb.create()
  const [first, second] = [await connect(url), await connect(url)]
  const held = await takeLease(first, { name: 'migrations', owner: 'one', waiting: never })
  expect(held).toMatchObject({ owner: 'one', token: '1' })
  await expect(second.isLocked('migrations')).resolves.toBe(true)
  const holders: string[] = []
  const waits = takeLease(second, {
    ...{ name: 'migrations', owner: 'two' },
    waiting: (holder) => {
      holders.push(holder)
      first.connection.destroy()
    },
  })
  await expect(waits).resolves.toMatchObject({ owner: 'two', token: '2' })
  expect(holders[0]).toBe('one')
})

test('who has lost it is told so by the token, in a transaction and at a beat', async () => {
  const url = await mariadb.create()
  const connection = await connect(url)
  const old = await takeLease(connection, { name: 'migrations', owner: 'one', waiting: never })
  if (!old) throw new Error('no lease')
  await beatLease(connection, old)
  await beatLease(connection, old)
  await checkLease(connection, old)
  await connection.unlock(old.name)
  await expect(connection.isLocked('migrations')).resolves.toBe(false)
  await takeLease(await connect(url), { name: 'migrations', owner: 'two', waiting: never })
  await expect(checkLease(connection, old)).rejects.toMatchObject({ code: 'LEASE_LOST' })
  await expect(beatLease(connection, old)).rejects.toMatchObject({
    code: 'LEASE_LOST',
    message: expect.stringContaining('two') as string,
  })
})

test('two databases of one server have leases of their own; an abort ends the wait', async () => {
  const url = await mariadb.create()
  const [one, other, elsewhere] = [await connect(url), await connect(url), await connect(await mariadb.create())]
  const taking = { name: 'migrations', owner: 'one', waiting: never }
  await takeLease(one, taking)
  await expect(takeLease(elsewhere, taking)).resolves.toMatchObject({ token: '1' })
  await expect(takeLease(other, { ...taking, signal: AbortSignal.abort() })).resolves.toBeUndefined()
})
