import type { Finding } from './finding'
import type { SchemaItem } from './schema-items'
import type { TracedStatement } from './trace'

/**
 * What a statement does to the code that runs now, and what can't be taken back. `existed` tells objects that were there
 * before the phase, by kind and name: what the phase itself made, no running code knows.
 */
export function schemaFindings(
  { changes, kind, everyRow, rewritten, locks, error }: TracedStatement,
  existed: (kind: string, name: string) => boolean,
): Finding[] {
  if (error) return []
  const isRename = kind === 'RenameStmt' || kind === 'AlterObjectSchemaStmt'
  const removed = changes.removed.filter((item) => existed(item.kind, item.name))
  const wholeTables = removed.filter((item) => item.kind === 'table').map(({ name }) => name)
  const gone = removed.filter(
    ({ kind: what, table }) =>
      ['table', 'column', 'view', 'function', 'enum', 'domain', 'schema'].includes(what) &&
      !(what === 'column' && wholeTables.includes(table ?? '')),
  )
  return [
    ...gone.map((item) => isGone(item, isRename)),
    ...gone.filter(({ kind: what }) => !isRename && holdsRows(what)).map(losesRows),
    ...changes.changed.flatMap(({ before, after }) =>
      existed(after.kind, after.name) ? changed(before, after, rewritten.includes(after.table ?? '')) : [],
    ),
    ...withoutTwins(changes.added).flatMap((item) => added(item, existed)),
    ...(kind === 'TruncateStmt' ? rewritten.map((table) => emptied(table, 'empties')) : []),
    ...(everyRow && kind === 'DeleteStmt'
      ? tablesOf(locks).map((table) => emptied(table, 'deletes every row of'))
      : []),
  ]
}

const holdsRows = (kind: string): boolean => kind === 'table' || kind === 'column'

const tablesOf = (locks: TracedStatement['locks']): string[] =>
  locks.filter(({ mode }) => mode === 'RowExclusive').map(({ relation }) => relation)

const isGone = ({ kind, name, table }: SchemaItem, isRename: boolean): Finding => ({
  verdict: 'breaks-old-code',
  rule: isRename ? `rename-${kind}` : `drop-${kind}`,
  table: table ?? name,
  why: `${kind} ${name} is not there under that name any more; the version that runs may still use it`,
  safe: isRename
    ? 'Add the new name, write both, and drop the old one in contract.'
    : 'Drop it in contract, when no version that may still run uses it.',
})

const losesRows = ({ kind, name, table }: SchemaItem): Finding => ({
  verdict: 'irreversible',
  rule: `drop-${kind}`,
  table: table ?? name,
  why: `what ${kind} ${name} holds is gone for good`,
  safe: 'Contract, after a backup that is proven.',
})

const emptied = (table: string, what: string): Finding => ({
  verdict: 'irreversible',
  rule: 'delete-all',
  table,
  why: `${what} ${table}`,
  safe: 'Contract, after a backup that is proven.',
})

/** A constraint and its index are one thing to people. */
const withoutTwins = (items: readonly SchemaItem[]): SchemaItem[] =>
  items.filter(
    ({ kind, name }) => kind !== 'index' || !items.some((item) => item.kind === 'constraint' && item.name === name),
  )

function changed(before: SchemaItem, after: SchemaItem, isRewritten: boolean): Finding[] {
  const { kind, name, table } = after
  if (kind === 'enum') {
    const values = after.text.split(',')
    return before.text.split(',').every((value) => values.includes(value)) ? [] : [isGone(before, true)]
  }
  if (kind === 'domain') return [tightens(after, `domain ${name} has other rules`)]
  if (kind !== 'column') return []
  const lost = before.text.includes(' default ') && !after.text.includes(' default ')
  const became = !before.text.includes(' not null') && after.text.includes(' not null')
  const type = isRewritten ? typeOf(before) !== typeOf(after) : family(before) !== family(after)
  return [
    ...(lost && after.text.includes(' not null')
      ? [
          {
            verdict: 'breaks-old-code' as const,
            rule: 'drop-default',
            table,
            why: `column ${name} lost its default and is NOT NULL: inserts that leave it out fail`,
            safe: 'Drop the default in contract.',
          },
        ]
      : []),
    ...(became ? [tightens(after, `column ${name} refuses null`)] : []),
    ...(type ? [tightens(after, `column ${name} is now ${typeOf(after)}, before it was ${typeOf(before)}`)] : []),
  ]
}

const typeOf = ({ text }: SchemaItem): string => text.split(' |')[0] ?? text

/** Without its length: where no row had to be written anew, every old value still fits. */
const family = (item: SchemaItem): string =>
  typeOf(item)
    .replace(/\(.*?\)/, '')
    .replace(/^character varying/, 'text')

const tightens = ({ table, name }: SchemaItem, what: string): Finding => ({
  verdict: 'note',
  rule: 'tightens',
  table: table ?? name,
  why: `${what}: rows of production, or what the running version writes, may be refused`,
  safe: 'Count the rows that violate it before the run.',
})

function added(item: SchemaItem, existed: (kind: string, name: string) => boolean): Finding[] {
  const { kind, table, name, text, columns = [] } = item
  if (table === undefined || !existed('table', table)) return []
  if (kind === 'column' && text.includes(' not null') && !/ (default|identity|generated) /.test(`${text} `))
    return [
      {
        verdict: 'breaks-old-code',
        rule: 'required-column',
        table,
        why: `column ${name} is NOT NULL without a default: it fails on a table with rows, and inserts of the running version fail`,
        safe: 'Add it nullable; require it in contract.',
      },
    ]
  const onOld = columns.some((column) => existed('column', `${table}.${column}`))
  const refuses = kind === 'constraint' || (kind === 'index' && text.includes('UNIQUE'))
  return refuses && onOld ? [tightens(item, `${kind} ${name}`)] : []
}
