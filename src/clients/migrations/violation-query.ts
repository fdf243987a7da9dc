import { parse } from 'libpg-query'
import { escapeIdentifier, type Client } from 'pg'
import type { Tightening } from '../../domain/migrations/tightening'

/** SQL that counts, as `rows`, what breaks a rule; undefined where none is known. Its names are those of production. */
export async function violationQuery(client: Client, change: Tightening): Promise<string | undefined> {
  const table = quoted(change.table)
  switch (change.kind) {
    case 'not-null':
      return countOf(`${table} where ${column(change.columns[0])} is null`)
    case 'type':
      return typeQuery(client, table, change)
    case 'unique-index':
      return indexQuery(table, change.definition)
    case 'constraint':
      return constraintQuery(client, table, change.definition)
  }
}

const countOf = (from: string): string => `select count(*) as rows from ${from}`
const column = (name = ''): string => escapeIdentifier(name)
const quoted = (name: string): string => name.split('.').map(escapeIdentifier).join('.')

/** pg_input_is_valid, which never throws, came with PostgreSQL 16; before that lengths alone are counted. */
async function typeQuery(client: Client, table: string, change: Tightening): Promise<string | undefined> {
  const { definition: type, columns } = change
  const value = `${column(columns[0])}::text`
  const { rows } = await client.query<{ version: number }>(
    `select current_setting('server_version_num')::int as version`,
  )
  if ((rows[0]?.version ?? 0) >= 160_000)
    return countOf(`${table} where not pg_input_is_valid(${value}, '${type.replaceAll("'", "''")}')`)
  const length = /^character(?: varying)?\((\d+)\)$/.exec(type)?.[1]
  return length && countOf(`${table} where length(${value}) > ${length}`)
}

interface Node {
  contype?: string
  keys?: { String: { sval: string } }[]
  fk_attrs?: { String: { sval: string } }[]
  pk_attrs?: { String: { sval: string } }[]
  pktable?: { schemaname?: string; relname: string }
  nulls_not_distinct?: boolean
  fk_matchtype?: string
}

async function constraintQuery(client: Client, table: string, definition: string): Promise<string | undefined> {
  const node = await constraintNode(definition)
  const names = (list: Node['keys'] = []): string[] => list.map(({ String: { sval } }) => column(sval))
  switch (node?.contype) {
    case 'CONSTR_CHECK':
      if (await mayAct(client, node)) return undefined
      // Null passes a check, and its negation is no row of WHERE.
      return countOf(
        `${table} where not (${definition.replace(/^CHECK /, '').replace(/( NO INHERIT)?( NOT VALID)?$/, '')})`,
      )
    case 'CONSTR_NOTNULL':
      return countOf(`${table} where ${names(node.keys)[0]} is null`)
    case 'CONSTR_UNIQUE':
      return twins(table, names(node.keys), { nulls: node.nulls_not_distinct === true })
    case 'CONSTR_PRIMARY':
      return twins(table, names(node.keys), { nulls: true })
    case 'CONSTR_FOREIGN':
      return orphans(table, names(node.fk_attrs), node, names(node.pk_attrs))
    case undefined:
    default:
      return undefined
  }
}

async function constraintNode(definition: string): Promise<Node | undefined> {
  try {
    const { stmts = [] } = await parse(`alter table t add constraint c ${definition}`)
    const statement = stmts[0]?.stmt as {
      AlterTableStmt?: { cmds?: { AlterTableCmd?: { def?: { Constraint?: Node } } }[] }
    }
    return statement.AlterTableStmt?.cmds?.[0]?.AlterTableCmd?.def?.Constraint
  } catch {
    return undefined
  }
}

/** All but one of each group of rows that are the same in the key. */
function twins(table: string, keys: string[], { nulls, where }: { nulls: boolean; where?: string }): string {
  const conditions = [...(nulls ? [] : keys.map((key) => `(${key}) is not null`)), ...(where ? [`(${where})`] : [])]
  const from = `${table}${conditions.length > 0 ? ` where ${conditions.join(' and ')}` : ''}`
  return `select coalesce(sum(n - 1), 0) as rows from (select count(*) as n from ${from} group by ${keys.join(', ')} having count(*) > 1) g`
}

function orphans(table: string, keys: string[], { pktable }: Node, others: string[]): string | undefined {
  if (!pktable || others.length !== keys.length) return undefined
  const other = [pktable.schemaname, pktable.relname]
    .flatMap((part) => (part ? [escapeIdentifier(part)] : []))
    .join('.')
  const isSet = keys.map((key) => `a.${key} is not null`).join(' and ')
  const same = keys.map((key, index) => `b.${others[index]} = a.${key}`).join(' and ')
  return countOf(`${table} a where ${isSet} and not exists (select from ${other} b where ${same})`)
}

/** PostgreSQL's own text of an index: columns and expressions between the parentheses, then what it is limited to. */
function indexQuery(table: string, definition: string): string | undefined {
  const start = / USING \w+ \(/.exec(definition)
  if (!start) return undefined
  const { inside, rest } = parenthesised(definition.slice(start.index + start[0].length))
  const keys = atTopLevel(inside).map((key) => key.replace(/ (ASC|DESC)?( ?NULLS (FIRST|LAST))?$/, '').trim())
  // An operator class or a collation decides what counts as the same.
  if (keys.some((key) => / /.test(key.replace(/\(.*\)|"[^"]*"/g, '')))) return undefined
  const where = / WHERE (.*?)( invalid)?$/.exec(rest)?.[1]
  return twins(table, keys, { nulls: rest.includes('NULLS NOT DISTINCT'), ...(where ? { where } : {}) })
}

/** Up to the parenthesis that closes; quotes hide theirs. */
function parenthesised(text: string): { inside: string; rest: string } {
  let depth = 1
  let quote = ''
  for (const [index, each] of [...text].entries()) {
    if (quote) quote = each === quote ? '' : quote
    else if (each === "'" || each === '"') quote = each
    else if (each === '(') depth += 1
    else if (each === ')' && --depth === 0) return { inside: text.slice(0, index), rest: text.slice(index + 1) }
  }
  return { inside: text, rest: '' }
}

function atTopLevel(text: string): string[] {
  const parts = ['']
  let depth = 0
  let quote = ''
  for (const each of text) {
    if (quote) quote = each === quote ? '' : quote
    else if (each === "'" || each === '"') quote = each
    else if (each === '(') depth += 1
    else if (each === ')') depth -= 1
    if (each === ',' && depth === 0 && !quote) parts.push('')
    else parts[parts.length - 1] += each
  }
  return parts
}

/** Nobody has approved this text yet: on production it may only look. */
async function mayAct(client: Client, node: Node): Promise<boolean> {
  const calls = JSON.stringify(node).matchAll(/"funcname":\[[^\]]*"sval":"((?:[^"\\]|\\.)*)"\}\}\]/g)
  const names = [...calls].map(([, name]) => JSON.parse(`"${name}"`) as string)
  const { rows } = await client.query(`select from pg_proc where proname = any ($1) and provolatile = 'v' limit 1`, [
    names,
  ])
  return rows.length > 0
}
