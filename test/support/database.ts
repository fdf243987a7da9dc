import { randomBytes } from 'node:crypto'
import { Client } from 'pg'
import { createStore } from '../../src/store'
import type { Store } from '../../src/store/contracts'
import { down, up } from '../../stack'

export interface TestDatabases {
  /** a new, empty database; its URL */
  create(): Promise<string>
  /** a store on a new database, at this build's schema; closed by `remove` */
  store(): Promise<{ store: Store; url: string }>
  /** the rows of one statement, on a connection of its own */
  query<Row>(url: string, sql: string, values?: unknown[]): Promise<Row[]>
  /** as a crash does */
  kill(): Promise<void>
  start(): Promise<void>
  remove(): Promise<void>
}

/** A real PostgreSQL for one test file. */
export async function testDatabases(): Promise<TestDatabases> {
  const name = `test-database-${process.pid}-${randomBytes(3).toString('hex')}`
  const progress = () => undefined
  const stack = await up({ name, node: 'simulated', parts: ['postgres'], yes: true, progress })
  const stores: Store[] = []
  const create = async () => {
    const database = `test_${randomBytes(6).toString('hex')}`
    await stack.postgres.createDatabase(database)
    return stack.postgres.url(database)
  }
  return {
    create,
    async store() {
      const url = await create()
      const store = createStore(url)
      stores.push(store)
      await store.migrate()
      return { store, url }
    },
    async query<Row>(url: string, sql: string, values: unknown[] = []) {
      const client = new Client({ connectionString: url })
      await client.connect()
      try {
        return (await client.query(sql, values)).rows as Row[]
      } finally {
        await client.end()
      }
    },
    kill: () => stack.stop('postgres'),
    start: () => stack.start('postgres'),
    async remove() {
      await Promise.all(stores.map((store) => store.close()))
      await down(name, { purge: true, progress })
    },
  }
}
