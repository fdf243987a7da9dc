import { answerTo, worstAnswer } from '../../../src/domain/migrations/answer'
import { type Finding, worstVerdict } from '../../../src/domain/migrations/finding'
import { judgeFile } from '../../../src/domain/migrations/judge-file'
import { rehearsalFiles, runsOutsideTransaction } from '../../../src/domain/migrations/rehearsal-files'
import { noChange, schemaChange, type SchemaItem } from '../../../src/domain/migrations/schema-items'
import { parseSizes, sizeBand } from '../../../src/domain/migrations/size-band'
import type { TableLock, TracedStatement } from '../../../src/domain/migrations/trace'

const statement = (over: Partial<TracedStatement>): TracedStatement => ({
  sql: 'alter table transfer …',
  kind: 'AlterTableStmt',
  transaction: 1,
  outsideTransaction: false,
  locks: [],
  held: over.locks ?? [],
  rewritten: [],
  rebuilt: [],
  scanned: [],
  changes: noChange,
  ...over,
})
const lock = (mode: TableLock['mode'], relation = 'transfer'): TableLock => ({ relation, mode })
const column = (name: string, text: string): SchemaItem => ({
  kind: 'column',
  name: `transfer.${name}`,
  table: 'transfer',
  columns: [name],
  text,
})
const table: SchemaItem = { kind: 'table', name: 'transfer', text: 'r p' }
const before = [table, column('id', 'bigint | not null'), column('state', 'text |')]
const existed = (kind: string, name: string): boolean => before.some((item) => item.kind === kind && item.name === name)
const judged = (...statements: TracedStatement[]) => judgeFile({ statements }, existed)
const rulesOf = (...statements: TracedStatement[]) => judged(...statements).findings.map(({ rule }) => rule)
const with_ = (...added: SchemaItem[]) => schemaChange(before, [...before, ...added])
const without = (name: string, ...added: SchemaItem[]) =>
  schemaChange(before, [...before.filter((item) => item.name !== `transfer.${name}`), ...added])

describe('what makes a statement heavy', () => {
  test.each<[string, Partial<TracedStatement>, string[]]>([
    ['a short AccessExclusive is light', { locks: [lock('AccessExclusive')] }, []],
    ['a rewrite is heavy', { locks: [lock('AccessExclusive')], rewritten: ['transfer'] }, ['table-rewrite']],
    [
      'a rewrite is told once, not as a scan and an index too',
      { locks: [lock('AccessExclusive')], rewritten: ['transfer'], scanned: ['transfer'], rebuilt: ['i on transfer'] },
      ['table-rewrite'],
    ],
    ['an index built anew', { locks: [lock('Share')], rebuilt: ['i on transfer'] }, ['index-rebuild']],
    [
      'an index built anew beside writers is light',
      { locks: [lock('ShareUpdateExclusive')], rebuilt: ['i on transfer'], outsideTransaction: true },
      [],
    ],
    ['a scan while writers wait', { locks: [lock('ShareRowExclusive')], scanned: ['transfer'] }, ['scan-under-lock']],
    ['a scan while writers go on is light', { locks: [lock('ShareUpdateExclusive')], scanned: ['transfer'] }, []],
    [
      'a scan under the lock of an earlier statement',
      { locks: [lock('ShareUpdateExclusive')], held: [lock('AccessExclusive')], scanned: ['transfer'] },
      ['scan-under-lock'],
    ],
    [
      'rows changed in one statement',
      { kind: 'UpdateStmt', locks: [lock('RowExclusive')], scanned: ['transfer'] },
      ['rows-in-one-statement'],
    ],
    [
      'two tables that nobody can read in one transaction',
      { held: [lock('AccessExclusive'), lock('AccessExclusive', 'quote')] },
      ['several-tables'],
    ],
    [
      'one that nobody can read and one that nobody can write',
      { held: [lock('AccessExclusive'), lock('ShareRowExclusive', 'quote')] },
      ['several-tables'],
    ],
    ['two that can be read are light', { held: [lock('ShareRowExclusive'), lock('ShareRowExclusive', 'quote')] }, []],
  ])('%s', (_, over, rules) => expect(rulesOf(statement(over))).toEqual(rules))

  test('an index is dropped although it could be dropped beside readers', () => {
    const index: SchemaItem = { kind: 'index', name: 'i', table: 'transfer', columns: ['state'], text: '…' }
    const changes = schemaChange([...before, index], before)
    expect(rulesOf(statement({ locks: [lock('AccessExclusive')], changes }))).toEqual(['drop-index'])
    const renamed = schemaChange([...before, index], [...before, { ...index, name: 'j' }])
    expect(rulesOf(statement({ locks: [lock('AccessExclusive')], changes: renamed }))).toEqual([])
  })

  test('two tables are told once per transaction', () => {
    const held = [lock('AccessExclusive'), lock('AccessExclusive', 'quote')]
    expect(rulesOf(statement({ held }), statement({ held }), statement({ held, transaction: 2 }))).toEqual([
      'several-tables',
      'several-tables',
    ])
  })
})

describe('what a statement does to the code that runs', () => {
  test.each<[string, Partial<TracedStatement>, string[]]>([
    ['a nullable column is additive', { changes: with_(column('note', 'text |')) }, []],
    ['a column with a default is additive', { changes: with_(column('n', 'int | not null default 1')) }, []],
    ['a required column breaks inserts', { changes: with_(column('n', 'int | not null')) }, ['required-column']],
    ['a dropped column breaks and loses', { changes: without('state') }, ['drop-column', 'drop-column']],
    [
      'a renamed column breaks and loses nothing',
      { kind: 'RenameStmt', changes: without('state', column('status', 'text |')) },
      ['rename-column'],
    ],
    [
      'a dropped table is told once, not by its columns',
      { kind: 'DropStmt', changes: schemaChange(before, []) },
      ['drop-table', 'drop-table'],
    ],
    ['null refused on an old column', { changes: without('state', column('state', 'text | not null')) }, ['tightens']],
    ['a longer text is no news', { changes: without('state', column('state', 'character varying(9) |')) }, []],
    ['a type of another kind', { changes: without('state', column('state', 'jsonb |')) }, ['tightens']],
    ['TRUNCATE', { kind: 'TruncateStmt', rewritten: ['transfer'] }, ['delete-all']],
    ['DELETE without WHERE', { kind: 'DeleteStmt', everyRow: true, locks: [lock('RowExclusive')] }, ['delete-all']],
  ])('%s', (_, over, rules) => expect(rulesOf(statement(over))).toEqual(rules))

  test('what the phase made itself no running code knows', () => {
    const draft: SchemaItem = { kind: 'table', name: 'draft', text: 'r p' }
    expect(rulesOf(statement({ changes: schemaChange([...before, draft], before) }))).toEqual([])
  })
})

test('the verdict is the worst of the reasons, and notes change none', () => {
  const verdicts = (...all: Finding['verdict'][]) => worstVerdict(all.map((verdict) => ({ verdict })))
  expect(verdicts()).toBe('light')
  expect(verdicts('note')).toBe('light')
  expect(verdicts('breaks-old-code', 'heavy', 'note')).toBe('breaks-old-code')
  expect(verdicts('irreversible', 'fails')).toBe('fails')
})

test('a failure says how a statement goes alone where that is why', () => {
  const error = { code: '25001', message: 'cannot run inside a transaction block' }
  const { verdict, findings } = judgeFile({ statements: [statement({ error })], failure: error.message }, existed)
  expect(verdict).toBe('fails')
  expect(findings.at(-1)?.safe).toMatch(/transaction: false/)
})

describe('the answer', () => {
  const heavy: Finding = { verdict: 'heavy', rule: 'table-rewrite', table: 'transfer', grows: true, why: '' }
  const of = (finding: Partial<Finding>, rows?: number, phase?: 'expand' | 'contract') =>
    answerTo({ ...heavy, ...finding }, phase, new Map(rows === undefined ? [] : [['transfer', rows]]))

  test.each<[string, Partial<Finding>, number | undefined, 'expand' | 'contract' | undefined, string]>([
    ['heavy on a small table', {}, 9_999, 'expand', 'go'],
    ['heavy on a medium one', {}, 10_000, 'expand', 'needs-window'],
    ['heavy on a large one', {}, 1_000_000, 'expand', 'needs-override'],
    ['heavy on a huge one', {}, 10_000_001, 'expand', 'refused'],
    ['heavy on one of unknown size', {}, undefined, 'expand', 'needs-window'],
    ['a lock that does not grow with the table', { grows: false }, 10_000_001, 'expand', 'needs-window'],
    ['breaks old code in expand', { verdict: 'breaks-old-code' }, 1, 'expand', 'refused'],
    ['breaks old code in no phase', { verdict: 'breaks-old-code' }, 1, undefined, 'needs-override'],
    ['breaks old code in contract', { verdict: 'breaks-old-code' }, 1, 'contract', 'go'],
    ['irreversible in contract', { verdict: 'irreversible' }, 1, 'contract', 'needs-window'],
    ['irreversible in expand', { verdict: 'irreversible' }, 1, 'expand', 'needs-override'],
    ['a tighter rule in expand', { verdict: 'note', rule: 'tightens' }, 1, 'expand', 'needs-override'],
    ['a tighter rule in contract', { verdict: 'note', rule: 'tightens' }, 1, 'contract', 'go'],
    ['fails', { verdict: 'fails' }, 1, 'contract', 'refused'],
  ])('to %s', (_, finding, rows, phase, answer) => expect(of(finding, rows, phase)).toBe(answer))

  test('of several is the worst', () => expect(worstAnswer(['needs-window', 'refused', 'go'])).toBe('refused'))
})

test('sizes are read with and without their schema, and what is none is named', () => {
  expect([...parseSizes('# production\ntransfer = 2_000_000\npublic.quote=5\nrisk.rule=7\n')]).toEqual([
    ['transfer', 2_000_000],
    ['quote', 5],
    ['risk.rule', 7],
  ])
  expect(() => parseSizes('transfer: 5')).toThrow(/"transfer: 5" is no size/)
  expect([0, 10_000, 1_000_000, 10_000_001, undefined].map(sizeBand)).toEqual([
    'small',
    'medium',
    'large',
    'huge',
    'unknown',
  ])
})

test('files come phase by phase and by name; what would never run is a problem', () => {
  const { files, problems } = rehearsalFiles([
    'contract/3.sql',
    'backfill/declared.yaml',
    'expand/2.js',
    'expand/1.sql',
    'README.md',
    'helpers/x.js',
  ])
  expect(files.map(({ path }) => path)).toEqual(['expand/1.sql', 'expand/2.js', 'contract/3.sql'])
  expect(problems).toEqual([])
  expect(rehearsalFiles(['1.js', '2.ts', '1.down.sql']).problems).toEqual(['2.ts is neither .js, .cjs nor .sql'])
  expect(rehearsalFiles(['1.js', 'expand/2.js']).problems).toHaveLength(1)
})

test.each([
  ['-- no-transaction\ncreate index …', true],
  ['-- migrate:up transaction:false', true],
  ['-- a transaction as usual\nselect 1', false],
  ["select '-- no-transaction'", false],
])('whether a SQL file is outside of a transaction: %s', (sql, is) => expect(runsOutsideTransaction(sql)).toBe(is))
