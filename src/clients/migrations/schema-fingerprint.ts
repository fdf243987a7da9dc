import { createHash } from 'node:crypto'
import type { Client } from 'pg'
import { lineOf, type SchemaItem } from '../../domain/migrations/schema-items'
import { itemsQuery } from './catalog-query'

export interface SchemaFingerprint {
  /** sorted, the same for two equal schemas whatever way they came about */
  items: SchemaItem[]
  /** a line per item */
  text: string
  /** of the text */
  sha256: string
}

/** The objects of the user's schemas of a PostgreSQL database, read from its catalog in the transaction that is open. */
export async function schemaItems(client: Client): Promise<SchemaItem[]> {
  const rows = await undisturbed(client, async () => {
    // Texts of the catalog leave out schemas that are on the path.
    await client.query('set local search_path = pg_catalog, public')
    return (await client.query<{ [Key in keyof SchemaItem]-?: SchemaItem[Key] | null }>(itemsQuery)).rows
  })
  return rows
    .map(({ kind, name, table, columns, text }) => ({
      kind: kind ?? '',
      name: name ?? '',
      ...(table === null ? {} : { table }),
      ...(columns === null ? {} : { columns }),
      text: text ?? '',
    }))
    .sort((a, b) => order(lineOf(a), lineOf(b)) || order(a.table ?? '', b.table ?? ''))
}

/** The schema's fingerprint: canonical text and its SHA-256. */
export async function schemaFingerprint(client: Client): Promise<SchemaFingerprint> {
  const items = await schemaItems(client)
  const text = items.map((item) => `${item.table ?? ''} ${lineOf(item)}\n`).join('')
  return { items, text, sha256: createHash('sha256').update(text).digest('hex') }
}

/** Settings and locks of the work are undone, whether a transaction is open or not. */
async function undisturbed<T>(client: Client, work: () => Promise<T>): Promise<T> {
  const isOpen = client.getTransactionStatus() === 'T'
  await client.query(isOpen ? 'savepoint refit_look' : 'begin')
  try {
    return await work()
  } finally {
    await client.query(isOpen ? 'rollback to savepoint refit_look; release savepoint refit_look' : 'rollback')
  }
}

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
