import { z } from 'zod'
import { type Backfill, defaultPauseLimits } from '../domain/migrations/backfill'
import { rangeMark } from '../domain/migrations/backfill-sql'
import { duration, object, url } from './values'

const name = (allowed: string, pattern: RegExp) =>
  z.string({ error: allowed }).refine((value) => pattern.test(value), { error: allowed })

const sqlAllowed = 'must be SQL, without a semicolon at its end'
/** The operator's own SQL; the server is asked about it before the first batch. */
const sql = z
  .string({ error: sqlAllowed })
  .refine((text) => text.trim() !== '' && !text.trimEnd().endsWith(';') && !text.includes('\0'), { error: sqlAllowed })

const column = name('must be the name of a column', /^[^\0]{1,63}$/)
const proofAllowed = 'must be a query: "select … limit 1"'

const pauseWhile = object({
  replicaLag: duration('100ms').optional(),
  blocked: duration('50ms').optional(),
  longTransaction: duration('1s').optional(),
  health: object({ url, p95: duration('1ms') }).optional(),
}).prefault({})

/** The one schema of a declared backfill, as it stands in a file under `backfill` and in a policy. */
export const backfillSchema = object({
  table: name('must be a table or schema.table', /^[^.\0]{1,63}(\.[^.\0]{1,63})?$/),
  key: z
    .array(column, { error: 'must be a list of columns' })
    .min(1, { error: 'must name a column' })
    .max(32, { error: 'must be at most 32 columns' })
    .refine((columns) => new Set(columns).size === columns.length, { error: 'must not name a column twice' }),
  set: z
    .record(column, sql, { error: 'must map columns to SQL expressions' })
    .refine((set) => Object.keys(set).length > 0, { error: 'must name a column' })
    .optional(),
  statement: sql
    .refine((text) => new RegExp(rangeMark.source).test(text), {
      error: 'must have {range} or {range ALIAS} in its where clause, once for each place that a batch bounds',
    })
    .optional(),
  where: sql.optional(),
  proof: sql.refine((text) => /^\s*(select|with)\b/i.test(text), { error: proofAllowed }).optional(),
  pauseWhile,
})
  .superRefine(({ set, statement, where, proof, key }, context) => {
    const problem = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message })
    if ((set === undefined) === (statement === undefined)) problem('set', 'is needed, or statement: one of the two')
    if (set && where === undefined) problem('where', 'is needed with set: which rows are still to be done')
    if (statement !== undefined && where !== undefined) problem('where', 'belongs into the statement itself')
    if (statement !== undefined && proof === undefined) problem('proof', 'is needed with statement')
    for (const each of key)
      if (set && Object.hasOwn(set, each)) problem('set', `must not change ${each}: it is part of the key`)
  })
  .transform(({ table, key, set, statement, where = '', proof, pauseWhile: limits }): Backfill => ({
    ...{ table, key },
    change: set ? { kind: 'set', set, where } : { kind: 'statement', statement: statement ?? '' },
    ...(proof === undefined ? {} : { proof }),
    pauseWhile: {
      replicaLagMs: limits.replicaLag ?? defaultPauseLimits.replicaLagMs,
      blockedMs: limits.blocked ?? defaultPauseLimits.blockedMs,
      longTransactionMs: limits.longTransaction ?? defaultPauseLimits.longTransactionMs,
      health: limits.health && { url: limits.health.url, p95Ms: limits.health.p95 },
    },
  }))

const fileSchema = object({ backfill: backfillSchema })

/** A whole file, parsed from YAML; every problem at once, as `path message`. */
export function parseBackfill(tree: unknown): { backfill: Backfill } | { problems: string[] } {
  const parsed = fileSchema.safeParse(tree)
  return parsed.success ? parsed.data : { problems: parsed.error.issues.flatMap(problemsOf) }
}

function problemsOf(issue: z.core.$ZodIssue): string[] {
  const path = issue.path.join('.') || 'the file'
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => `${path} has no key ${key}`)
  if (issue.code === 'invalid_key') return [`${path} ${issue.issues[0]?.message ?? issue.message}`]
  return [`${path} ${issue.message}`]
}
