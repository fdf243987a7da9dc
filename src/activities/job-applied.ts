import { urlIn } from '../clients/database-url'
import { readApplied } from '../clients/applied-migrations'
import type { JobMigration } from '../domain/plan'
import { wordList } from '../domain/text'
import type { StepVerdict } from './contracts'
import type { Dependencies } from './dependencies'
import { migrationVerdict } from './migration-verdict'

/**
 * A verdict where the service's own list of applied migrations contradicts a Job that succeeded, and what a failed one left:
 * an exit code isn't believed. Undefined where the plan doesn't say what is pending, or nothing is wrong. DATABASE_UNAVAILABLE when it
 * can't be read: the Job stays for the next attempt.
 */
export async function contradicted(
  { environment }: Pick<Dependencies, 'environment'>,
  migration: JobMigration,
): Promise<StepVerdict | undefined> {
  const { database, pending = [], table } = migration
  const url = urlIn(environment, database)
  if (database === undefined || !url || pending.length === 0) return undefined
  const applied = await readApplied({ url, place: database, ...(table === undefined ? {} : { table }) })
  const missing = pending.filter((name) => !applied.names.includes(name))
  if (missing.length > 0)
    return migrationVerdict(
      false,
      `the migration Job ended with 0, but ${wordList(missing)} ${missing.length === 1 ? 'is' : 'are'} not in ${applied.table ?? 'the list of applied migrations, which is not there'}`,
    )
  return undefined
}

/** Where a Job that failed left knex's lock behind, how to tell; knex refuses every run until it is free. */
export async function lockLeft(
  { environment }: Pick<Dependencies, 'environment'>,
  { database, table }: JobMigration,
): Promise<string> {
  const url = urlIn(environment, database)
  if (database === undefined || !url) return ''
  // It only adds to what is known already.
  const applied = await readApplied({ url, place: database, ...(table === undefined ? {} : { table }) }).catch(
    () => undefined,
  )
  return applied?.locked
    ? `; knex's lock beside ${applied.table} is held: when nobody migrates any more, free it with knex migrate:unlock`
    : ''
}
