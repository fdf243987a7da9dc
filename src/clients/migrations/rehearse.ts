import { createHash } from 'node:crypto'
import { RefitError } from '../../domain/errors'
import { answerTo, type Answer, worstAnswer } from '../../domain/migrations/answer'
import { type Finding, type Verdict, worstVerdict } from '../../domain/migrations/finding'
import { judgeFile } from '../../domain/migrations/judge-file'
import { changeLines, type SchemaItem } from '../../domain/migrations/schema-items'
import type { TableSizes } from '../../domain/migrations/size-band'
import { type Tightening, tightenings } from '../../domain/migrations/tightening'
import type { TableLock } from '../../domain/migrations/trace'
import type { MigrationPhase } from '../../domain/migration'
import { canonical } from '../../domain/plan'
import { appliedNames } from './applied-names'
import { readMigrations, type ReadFile } from './read-directory'
import { type RehearsedFile, rehearseFiles, type RehearseOptions } from './rehearse-files'

export interface StatementReport {
  sql: string
  outsideTransaction: boolean
  locks: TableLock[]
  rewritten: string[]
  rebuilt: string[]
  scanned: string[]
  error?: { code: string; message: string }
}

export interface FileReport {
  path: string
  sha256: string
  phase?: MigrationPhase
  transaction?: boolean
  verdict: Verdict
  answer: Answer
  findings: (Finding & { answer: Answer })[]
  statements: StatementReport[]
  again?: string
  down?: string
  /** fingerprints of the schema around it */
  schema: { before: string; after: string }
  /** rules that rows of production may break */
  tightens: Tightening[]
}

/** What `refit migrations rehearse` tells; `digest` is of all but itself. */
export interface Rehearsal {
  verdict: Verdict
  answer: Answer
  /** of PostgreSQL */
  version: string
  files: FileReport[]
  /** already applied on the copy */
  applied: string[]
  /** not run, because an earlier one failed */
  notRun: string[]
  /** fingerprints, and what differs, a line each */
  schema: { before: string; after: string; changes: string[] }
  /** whether the second copy came to the same schema as the first */
  isFaithful: boolean
  digest: string
}

export interface RehearseInput extends Omit<RehearseOptions, 'files' | 'first'> {
  sizes: TableSizes
  /** knex's table of applied files on the copy */
  list: string
  /** the paths to rehearse, whatever the list says */
  only?: readonly string[]
  /** paths that production has and the copy has not */
  first?: readonly string[]
}

/** Rehearses the pending migrations of a directory on copies of a throw-away database, and judges them. */
export async function rehearse({ sizes, list, only, first = [], ...options }: RehearseInput): Promise<Rehearsal> {
  const all = await readMigrations(options.directory)
  const done = options.useExisting && !only ? await appliedNames(options.url, list) : []
  const isApplied = (path: string): boolean =>
    only ? !only.includes(path) : done.includes(path.slice(path.lastIndexOf('/') + 1))
  const applied = all.filter(({ path }) => isApplied(path))
  const pending = all.filter((file) => !applied.includes(file))
  if (pending.length === 0)
    throw new RefitError(
      'USAGE',
      `Every migration in ${options.directory} is applied on the copy.`,
      'Nothing is to be rehearsed.',
    )
  const rehearsed = await rehearseFiles({
    ...options,
    files: pending,
    first: all.filter(({ path }) => first.includes(path)).sort((a, b) => first.indexOf(a.path) - first.indexOf(b.path)),
  })
  const files = rehearsed.files.map((result, index) => report(result, pending[index] as ReadFile, sizes))
  const { before, after, change } = rehearsed.schema
  const told = {
    verdict: worstVerdict(files.map(({ verdict }) => ({ verdict: verdict === 'light' ? 'note' : verdict }))),
    answer: worstAnswer([
      ...files.map(({ answer }) => answer),
      ...(rehearsed.isFaithful ? [] : ['needs-override' as const]),
    ]),
    version: rehearsed.version,
    files,
    applied: applied.map(({ path }) => path),
    notRun: pending.slice(files.length).map(({ path }) => path),
    schema: { before, after, changes: changeLines(change) },
    isFaithful: rehearsed.isFaithful,
  }
  return { ...told, digest: createHash('sha256').update(canonical(told)).digest('hex') }
}

function report(result: RehearsedFile, { path, sha256, phase }: ReadFile, sizes: TableSizes): FileReport {
  const existed = existedIn(result.before)
  const { verdict, findings } = judgeFile(result, existed)
  const answered = findings.map((finding) => ({ ...finding, answer: answerTo(finding, phase, sizes) }))
  const { transaction, again, down, statements } = result
  return {
    path,
    sha256,
    phase,
    transaction,
    verdict,
    answer: worstAnswer(answered.map(({ answer }) => answer)),
    findings: answered,
    statements: statements.map(({ sql, outsideTransaction, locks, rewritten, rebuilt, scanned, error }) => ({
      sql,
      outsideTransaction,
      locks,
      rewritten,
      rebuilt,
      scanned,
      ...(error ? { error } : {}),
    })),
    again,
    down,
    schema: { before: result.around.before.sha256, after: result.around.after.sha256 },
    tightens: tightenings(result.around.before.items, result.around.after.items, existed),
  }
}

function existedIn(items: readonly SchemaItem[]): (kind: string, name: string) => boolean {
  const known = new Set(items.map(({ kind, name }) => `${kind} ${name}`))
  return (kind, name) => known.has(`${kind} ${name}`)
}
