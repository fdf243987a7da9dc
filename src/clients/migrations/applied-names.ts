import { withDatabase } from './scratch'

/** The files in knex's list on a database; none where there is no list. */
export async function appliedNames(url: string, list: string): Promise<string[]> {
  return withDatabase(url, async (client) => {
    const name = list
      .split('.')
      .map((part) => client.escapeIdentifier(part))
      .join('.')
    const { rows: found } = await client.query<{ is: boolean }>('select to_regclass($1) is not null as is', [name])
    if (!found[0]?.is) return []
    return (await client.query<{ name: string }>(`select name from ${name} order by name`)).rows.map((row) => row.name)
  })
}
