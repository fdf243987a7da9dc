import type { Finding } from './finding'
import { blocksWrites, strongestOn, type TableLock, type TracedStatement } from './trace'

/** What makes a statement heavy: who waits for it, and for how long. */
export function lockFindings(statement: TracedStatement): Finding[] {
  return [...rewrites(statement), ...rebuilds(statement), ...scans(statement), ...needless(statement)]
}

function rewrites({ rewritten, kind }: TracedStatement): Finding[] {
  if (kind === 'TruncateStmt') return []
  return rewritten.map((table) => ({
    verdict: 'heavy',
    rule: 'table-rewrite',
    table,
    grows: true,
    why: `writes every row of ${table} anew while nobody can read it`,
    safe: 'Add a new column or table, fill it in batches (backfill), and switch later.',
  }))
}

function rebuilds({ rebuilt, held, rewritten }: TracedStatement): Finding[] {
  return rebuilt.flatMap((index): Finding[] => {
    const [name = '', table = ''] = index.split(' on ')
    const mode = strongestOn(table, held)
    if (rewritten.includes(table) || !mode || !blocksWrites(mode)) return []
    return [
      {
        verdict: 'heavy',
        rule: 'index-rebuild',
        table,
        grows: true,
        why: `builds index ${name} anew under ${mode} on ${table}`,
        safe: 'Build a new index CONCURRENTLY, or REINDEX … CONCURRENTLY, outside a transaction.',
      },
    ]
  })
}

/** A scan is harmless under a lock that lets writers through; the lock may be an earlier statement's. */
function scans({ scanned, held, rewritten, rebuilt, kind }: TracedStatement): Finding[] {
  return scanned.flatMap((table): Finding[] => {
    const mode = strongestOn(table, held)
    const known = rewritten.includes(table) || rebuilt.some((index) => index.endsWith(` on ${table}`))
    if (known || !mode) return []
    if (!blocksWrites(mode)) return kind === 'UpdateStmt' || kind === 'DeleteStmt' ? [wholeTable(table, kind)] : []
    return [
      {
        verdict: 'heavy',
        rule: 'scan-under-lock',
        table,
        grows: true,
        why: `reads all of ${table} while ${mode} keeps ${mode === 'AccessExclusive' ? 'everybody' : 'writers'} out`,
        safe: 'Constraints: NOT VALID first, VALIDATE in a later transaction. Indexes: CONCURRENTLY, outside a transaction.',
      },
    ]
  })
}

const wholeTable = (table: string, kind: string): Finding => ({
  verdict: 'heavy',
  rule: 'rows-in-one-statement',
  table,
  grows: true,
  why: `${kind === 'UpdateStmt' ? 'updates' : 'deletes'} rows of ${table} in one statement that reads all of it`,
  safe: 'Declare it as a backfill: it runs in batches.',
})

/** AccessExclusive where there is a form with a weaker lock, or where readers are not expected to wait. */
function needless({ changes, held, outsideTransaction }: TracedStatement): Finding[] {
  if (outsideTransaction) return []
  const exclusive = (table: string | undefined): table is string =>
    table !== undefined && strongestOn(table, held) === 'AccessExclusive'
  const gone = (kind: string, name: string | undefined): boolean =>
    changes.removed.some((item) => item.kind === kind && item.name === name)
  const indexes = changes.removed.filter(
    ({ kind, name, table, columns = [] }) =>
      kind === 'index' &&
      exclusive(table) &&
      !gone('constraint', name) &&
      // Under another name, as ADD CONSTRAINT … USING INDEX gives it, it is still there.
      !changes.added.some(
        (item) => item.kind === 'index' && item.table === table && item.columns?.join() === columns.join(),
      ) &&
      !gone('table', table) &&
      !columns.some((column) => gone('column', `${table}.${column}`)),
  )
  const triggers = changes.removed.filter(
    ({ kind, table }) => kind === 'trigger' && exclusive(table) && !gone('table', table),
  )
  const partitions = changes.added.filter(({ kind, table }) => kind === 'partition' && exclusive(table))
  return [
    ...indexes.map(({ name, table }) =>
      short('drop-index', table, `drops index ${name}`, 'DROP INDEX CONCURRENTLY, outside a transaction.'),
    ),
    ...triggers.map(({ name, table }) =>
      short('drop-trigger', table, `drops trigger ${name}`, 'Give it a window and a short lock_timeout.'),
    ),
    ...partitions
      .filter(({ name }) => changes.added.some((item) => item.kind === 'table' && item.name === name))
      .map(({ name, table }) =>
        short('partition-of', table, `makes partition ${name}`, 'Create the table alone, then ATTACH PARTITION.'),
      ),
  ]
}

const short = (rule: string, table: string | undefined, what: string, safe: string): Finding => ({
  verdict: 'heavy',
  rule,
  table,
  why: `${what} under AccessExclusive on ${table}: readers and writers queue behind it`,
  safe,
})

/**
 * Tables whose writers wait for one transaction, where there are several and readers of one wait too: a long queue, and
 * a dead-lock with code that takes them the other way round. Empty otherwise.
 */
export function lockedTogether(held: readonly TableLock[]): { tables: string[]; unreadable: string[] } {
  const names = (some: readonly TableLock[]): string[] => [...new Set(some.map(({ relation }) => relation))].sort()
  const tables = names(held.filter(({ mode }) => blocksWrites(mode)))
  const unreadable = names(held.filter(({ mode }) => mode === 'AccessExclusive'))
  return tables.length > 1 && unreadable.length > 0 ? { tables, unreadable } : { tables: [], unreadable: [] }
}
