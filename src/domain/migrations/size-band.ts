import { RefitError } from '../errors'

/** How large a table is in production; `unknown` is never taken for small. */
export const sizeBands = ['small', 'medium', 'large', 'huge', 'unknown'] as const
export type SizeBand = (typeof sizeBands)[number]

/** Under 10,000 rows, 1 million, 10 million, and above. */
export function sizeBand(rows: number | undefined): SizeBand {
  if (rows === undefined) return 'unknown'
  if (rows < 10_000) return 'small'
  if (rows < 1_000_000) return 'medium'
  return rows <= 10_000_000 ? 'large' : 'huge'
}

/** Rows of tables by name. */
export type TableSizes = ReadonlyMap<string, number>

/** `transfer=2000000`, one a line or alone; blank lines and lines that begin with `#` are skipped. */
export function parseSizes(text: string): Map<string, number> {
  const sizes = new Map<string, number>()
  for (const line of text.split('\n').map((each) => each.trim())) {
    if (line === '' || line.startsWith('#')) continue
    const [, table, rows] = /^([^=]+?)\s*=\s*([0-9][0-9_]*)$/.exec(line) ?? []
    if (table === undefined || rows === undefined)
      throw new RefitError('USAGE', `"${line.slice(0, 80)}" is no size.`, 'Write table=rows, such as transfer=2000000.')
    sizes.set(table.replace(/^public\./, ''), Number(rows.replaceAll('_', '')))
  }
  return sizes
}
