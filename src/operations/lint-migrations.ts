import { readFile } from 'node:fs/promises'
import { parseSql } from '../clients/pg-parser'
import { RefitError } from '../domain/errors'
import { type Catalog, emptyCatalog } from '../domain/migrations/lint/catalog'
import { type LintResult, severities, type Severity, type TransactionMode } from '../domain/migrations/lint/contracts'
import { learnAll } from '../domain/migrations/lint/learn'
import { lint } from '../domain/migrations/lint/lint'
import { type Source, sourcesOf } from './lint-sources'

export interface LintReport {
  files: ({ file: string; phase?: string } & LintResult)[]
  /** what was given and can't be judged from its text */
  notLinted: { file: string; reason: string }[]
}

interface LintRequest {
  paths: string[]
  /** what is there before */
  schema: string[]
  pgVersion: number
  transaction: TransactionMode
  readStdin: () => Promise<string>
}

/** Lints SQL files in the order in which they run; each learns from those before it. */
export async function lintMigrations(request: LintRequest): Promise<LintReport> {
  const sources = await sourcesOf(request.paths)
  const catalog = await catalogOf(request.schema)
  const report: LintReport = { files: [], notLinted: [] }
  const unreadable: RefitError[] = []
  for (const source of sources) {
    const { file, phase, reason } = source
    if (reason !== undefined) report.notLinted.push({ file, reason })
    else {
      const result = await resultOf(source, request, catalog, unreadable)
      report.files.push({ file, ...(phase === undefined ? {} : { phase }), ...result })
    }
  }
  if (unreadable.length > 0)
    throw new RefitError('USAGE', unreadable.map(({ message }) => message).join('\n'), unreadable[0]?.next ?? '')
  return report
}

async function resultOf(
  { file, phase }: Source,
  { pgVersion, transaction, readStdin }: LintRequest,
  catalog: Catalog,
  unreadable: RefitError[],
): Promise<LintResult> {
  const content = file === '-' ? await readStdin() : await readFile(file, 'utf8')
  try {
    const script = await parseSql(file, forwardsOf(content))
    return lint(script, { pgVersion, transaction, isContract: phase === 'contract', catalog })
  } catch (error) {
    if (!(error instanceof RefitError)) throw error
    unreadable.push(error)
    return { findings: [], locks: [] }
  }
}

/** Without a byte order mark, and without the half that undoes, as goose, sql-migrate and dbmate mark it. */
const forwardsOf = (content: string): string =>
  content.replace(/^\uFEFF/, '').replace(/^-- *(\+(goose|migrate) Down|migrate:down)\b[^]*/m, '')

/** A dump has commands of its client (\restrict) between its statements. */
const clientCommand = /^\\.*$/gm

async function catalogOf(paths: string[]): Promise<Catalog> {
  const catalog = emptyCatalog()
  if (paths.length === 0) return catalog
  for (const { file, reason } of await sourcesOf(paths)) {
    if (reason !== undefined) continue
    const { statements } = await parseSql(file, (await readFile(file, 'utf8')).replace(clientCommand, ''))
    learnAll(
      catalog,
      statements.map(({ node }) => node),
    )
  }
  return catalog
}

/** How many findings of each severity nobody silenced. */
export function countsOf({ files }: LintReport): Record<Severity, number> {
  const counts = Object.fromEntries(severities.map((severity) => [severity, 0])) as Record<Severity, number>
  for (const { findings } of files)
    for (const { severity, allowed } of findings) if (allowed === undefined) counts[severity] += 1
  return counts
}

/** Whether something is as bad as this, or worse. */
export function reaches(report: LintReport, threshold: Severity): boolean {
  const counts = countsOf(report)
  return severities.slice(0, severities.indexOf(threshold) + 1).some((severity) => counts[severity] > 0)
}
