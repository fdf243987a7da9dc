import { parseSql } from '../../../../src/clients/pg-parser'
import { type Catalog, emptyCatalog } from '../../../../src/domain/migrations/lint/catalog'
import type { LintResult } from '../../../../src/domain/migrations/lint/contracts'
import { learnAll } from '../../../../src/domain/migrations/lint/learn'
import { lint, type LintOptions } from '../../../../src/domain/migrations/lint/lint'

/** What a schema tells. */
export async function catalogOf(schema: string): Promise<Catalog> {
  const { statements } = await parseSql('schema.sql', schema)
  return learnAll(
    emptyCatalog(),
    statements.map(({ node }) => node),
  )
}

/** Lints a text as if it were a file of a directory without phases. */
export async function lintOf(
  sql: string,
  { schema = '', ...options }: Partial<Omit<LintOptions, 'catalog'>> & { schema?: string } = {},
): Promise<LintResult> {
  const script = await parseSql('migration.sql', sql)
  const catalog = await catalogOf(schema)
  return lint(script, { pgVersion: 18, transaction: 'auto', isContract: false, catalog, ...options })
}

/** Names of the rules that found something: those of form only where asked, `?` where a rehearsal is needed. */
export async function rulesOf(
  sql: string,
  { form = false, ...options }: Parameters<typeof lintOf>[1] & { form?: boolean } = {},
): Promise<string> {
  const { findings } = await lintOf(sql, options)
  return findings
    .filter(({ severity }) => form || severity !== 'form')
    .map(({ rule, rehearse }) => `${rule}${rehearse === undefined ? '' : '?'}`)
    .join(' ')
}
