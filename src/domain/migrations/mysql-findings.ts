import type { Finding } from './finding'

/** How gently a server can do a change of a table, from the best to the worst. */
export const mysqlWays = ['instant', 'online', 'blocks-writes', 'copies'] as const
export type MysqlWay = (typeof mysqlWays)[number]

export interface MysqlStatement {
  sql: string
  /** of a change of a table that was there before */
  table?: string
  /** found by asking the server for the gentler ones first; undefined for what is no such change */
  way?: MysqlWay
  error?: { code: string; message: string }
}

export interface MysqlTable {
  /** what a statement begins with, up to the name of the table, and that name */
  kind: 'alter' | 'create-index' | 'drop-index' | 'update' | 'delete' | 'truncate' | 'lock'
  table: string
  /** it has a condition */
  hasWhere: boolean
}

const name = '(`(?:[^`]|``)+`|[\\w$]+)'
const shapes: [MysqlTable['kind'], RegExp][] = [
  ['alter', new RegExp(`^alter\\s+(?:online\\s+)?(?:ignore\\s+)?table\\s+(?:if\\s+exists\\s+)?${name}`, 'i')],
  ['create-index', new RegExp(`^create\\s+(?:unique\\s+|fulltext\\s+|spatial\\s+)?index\\b[^]*?\\son\\s+${name}`, 'i')],
  ['drop-index', new RegExp(`^drop\\s+index\\b[^]*?\\son\\s+${name}`, 'i')],
  ['update', new RegExp(`^update\\s+(?:low_priority\\s+)?(?:ignore\\s+)?${name}`, 'i')],
  ['delete', new RegExp(`^delete\\s+(?:low_priority\\s+)?(?:quick\\s+)?(?:ignore\\s+)?from\\s+${name}`, 'i')],
  ['truncate', new RegExp(`^truncate\\s+(?:table\\s+)?${name}`, 'i')],
  ['lock', new RegExp(`^lock\\s+tables?\\s+${name}`, 'i')],
]

/** What a statement does to which table; undefined for all others. */
export function mysqlTable(sql: string): MysqlTable | undefined {
  const text = sql.replace(/^(?:\s|\/\*[^]*?\*\/|--[^\n]*\n|#[^\n]*\n)+/, '')
  for (const [kind, shape] of shapes) {
    const found = shape.exec(text)?.[1]
    if (found !== undefined)
      return { kind, table: found.replace(/^`|`$/g, '').replaceAll('``', '`'), hasWhere: /\bwhere\b/i.test(text) }
  }
  return undefined
}

/** Whether a person has already said how it is to be done. */
export const saysHow = (sql: string): boolean =>
  /\b(?:algorithm|lock)\s*=?\s*(?:instant|nocopy|inplace|copy|default|none|shared|exclusive)\b/i.test(sql)

/** What makes a statement heavy on MySQL and MariaDB. `existed` tells tables that were there before. */
export function mysqlLockFindings(
  statements: readonly MysqlStatement[],
  existed: (table: string) => boolean,
): Finding[] {
  return statements.flatMap(({ sql, way, table: of, error }, index): Finding[] => {
    const touched = mysqlTable(sql)
    const table = of ?? touched?.table
    if (error || table === undefined || !existed(table)) return []
    const at = { statement: index + 1, table, grows: true }
    if (way === 'copies')
      return [
        {
          ...{ verdict: 'heavy', rule: 'table-copy', ...at },
          why: `the server copies every row of ${table}, and nobody can write to it meanwhile`,
          safe: 'A new column, filled in batches (backfill), or an online tool such as gh-ost.',
        },
      ]
    if (way === 'blocks-writes')
      return [
        {
          ...{ verdict: 'heavy', rule: 'writes-blocked', ...at },
          why: `done in place, but nobody can write to ${table} meanwhile`,
          safe: 'Look for a form that takes ALGORITHM=INPLACE, LOCK=NONE, or give it a window.',
        },
      ]
    if ((touched?.kind === 'update' || touched?.kind === 'delete') && !touched.hasWhere)
      return [
        {
          ...{ verdict: 'heavy', rule: 'rows-in-one-statement', ...at },
          why: `${touched.kind}s every row of ${table} in one statement, and locks them until it is done`,
          safe: 'Declare it as a backfill: it runs in batches.',
        },
      ]
    if (touched?.kind === 'truncate')
      return [
        { ...{ verdict: 'irreversible', rule: 'every-row', ...at }, grows: false, why: `no row of ${table} is left` },
      ]
    return []
  })
}
