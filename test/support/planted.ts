import { randomBytes } from 'node:crypto'
import { Client } from 'pg'

/** Secrets by the place that they were planted in. */
export type Planted = Record<string, string>

/** One that nothing else looks like, of a shape that no pattern of ours knows. */
export const plant = (): string => `zq${randomBytes(9).toString('hex')}`

/** The places whose secret is in a text, plainly, in base64 or as it stands in a URL. */
export function found(planted: Planted, text: string): string[] {
  return Object.entries(planted)
    .filter(([, secret]) => shapes(secret).some((shape) => text.includes(shape)))
    .map(([place]) => place)
}

const shapes = (secret: string): string[] => [
  ...new Set([secret, encodeURIComponent(secret), ...inBase64(secret), JSON.stringify(secret).slice(1, -1)]),
]

/** Also in the middle of something longer: base64 of it differs by where it begins. */
function inBase64(secret: string): string[] {
  return [0, 1, 2].map((offset) => {
    const bytes = Buffer.concat([Buffer.alloc(offset), Buffer.from(secret)])
    const whole = bytes.subarray(0, bytes.length - (bytes.length % 3)).toString('base64')
    return whole.slice(offset === 0 ? 0 : 4)
  })
}

export const runOn = (url: string, sql: string): Promise<unknown> => connected(url, (client) => client.query(sql))

async function connected<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

/** Every row of every table of a database but PostgreSQL's own, as text. */
export const rowsOf = (url: string): Promise<Record<string, string>> =>
  connected(url, async (client) => {
    const { rows: tables } = await client.query<{ name: string }>(
      `select format('%I.%I', table_schema, table_name) as name from information_schema.tables
       where table_schema not in ('pg_catalog', 'information_schema') and table_type = 'BASE TABLE' order by 1`,
    )
    const texts: Record<string, string> = {}
    for (const { name } of tables) {
      const { rows } = await client.query<{ row: string }>(`select to_jsonb(t)::text as row from ${name} t`)
      texts[name] = rows.map(({ row }) => row).join('\n')
    }
    return texts
  })
