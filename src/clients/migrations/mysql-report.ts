import { answerTo, worstAnswer } from '../../domain/migrations/answer'
import { type Finding, worstVerdict } from '../../domain/migrations/finding'
import { judgeFile } from '../../domain/migrations/judge-file'
import { type MysqlStatement, mysqlLockFindings } from '../../domain/migrations/mysql-findings'
import { schemaFindings } from '../../domain/migrations/schema-findings'
import { schemaChange, type SchemaItem } from '../../domain/migrations/schema-items'
import type { TableSizes } from '../../domain/migrations/size-band'
import type { ReadFile } from './read-directory'
import type { SchemaFingerprint } from './schema-fingerprint'

/** How one file went on the copies. */
export interface MysqlRun {
  file: ReadFile
  failure?: string
  /** undefined when the server keeps no log */
  statements?: MysqlStatement[]
  before: SchemaFingerprint
  after: SchemaFingerprint
  again?: 'same' | 'changes' | 'fails'
  down?: 'restores' | 'differs' | 'fails' | 'none'
}

/** What is told of one file, as of one on PostgreSQL. */
export function reportOf(run: MysqlRun, runs: readonly MysqlRun[], sizes: TableSizes) {
  const { file, statements, before, after, again, down, failure } = run
  const { path, sha256, phase } = file
  const start = (runs.find((each) => each.file.phase === phase) ?? run).before.items
  const existed = existedIn(start)
  const findings = findingsOf(run, existed)
  const answered = findings.map((finding) => ({ ...finding, answer: answerTo(finding, phase, sizes) }))
  return {
    ...{ path, sha256, phase, again, down, transaction: false },
    verdict: worstVerdict(findings),
    answer: worstAnswer(answered.map(({ answer }) => answer)),
    findings: answered,
    statements: (statements ?? []).map(({ sql, table, way, error }) => ({
      ...{ sql, outsideTransaction: false, locks: [], rebuilt: [], scanned: [] },
      rewritten: way === 'copies' && table !== undefined ? [table] : [],
      ...(error && failure !== undefined ? { error } : {}),
    })),
    schema: { before: before.sha256, after: after.sha256 },
    tightens: [],
  }
}

function findingsOf(run: MysqlRun, existed: (kind: string, name: string) => boolean): Finding[] {
  const { statements = [], failure, again, down, before, after } = run
  const copied = statements.flatMap(({ way, table }) => (way === 'copies' && table !== undefined ? [table] : []))
  const changes = schemaChange(before.items.map(asPostgres), after.items.map(asPostgres))
  const whole = {
    sql: '',
    kind: '',
    transaction: 1,
    outsideTransaction: false,
    locks: [],
    held: [],
    rebuilt: [],
    scanned: [],
  }
  const isHalf = again === 'fails' && statements.length > 1
  return [
    ...judgeFile({ statements: [], ...(failure === undefined ? {} : { failure }), ...(down ? { down } : {}) }, existed)
      .findings,
    ...mysqlLockFindings(statements, (table) => existed('table', table)),
    ...schemaFindings({ ...whole, changes, rewritten: copied }, existed),
    ...(isHalf ? [notRepeatable] : []),
    ...(run.statements === undefined ? [unseen] : []),
  ]
}

const notRepeatable: Finding = {
  verdict: 'note',
  rule: 'not-repeatable',
  why: 'each of its statements is final on its own, and a second run fails: after a kill half way a person has to look',
  safe: 'IF [NOT] EXISTS, and one statement per file.',
}

const unseen: Finding = {
  verdict: 'note',
  rule: 'locks-unseen',
  why: 'the server of the copy keeps no general log in a table for this login, so that statements and locks are not seen',
}

/** The words that findings look for. */
const asPostgres = (item: SchemaItem): SchemaItem =>
  item.kind === 'index' ? { ...item, text: item.text.replace(/^unique\b/, 'UNIQUE') } : item

function existedIn(items: readonly SchemaItem[]): (kind: string, name: string) => boolean {
  const known = new Set(items.map(({ kind, name }) => `${kind} ${name}`))
  return (kind, name) => known.has(`${kind} ${name}`)
}
