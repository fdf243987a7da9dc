import { urlIn } from '../clients/database-url'
import { readProduction } from '../clients/migrations/production'
import { countViolations } from '../clients/migrations/violations'
import { violationObjection } from '../domain/migrations/violation-objection'
import type { Plan, KnexMigration } from '../domain/plan'
import type { Dependencies } from './dependencies'

/**
 * Why the contract of a migration would fail on the rows that are there after its backfill, found before it runs; undefined
 * when it would not, or when nobody rehearsed it.
 */
export async function contractRefusal(
  { environment }: Pick<Dependencies, 'environment'>,
  { service }: Pick<Plan, 'service'>,
  { database, rehearsal, overrides }: KnexMigration,
): Promise<string | undefined> {
  const url = urlIn(environment, database)
  const files = rehearsal?.files.filter(({ path, tightens }) => path.startsWith('contract/') && tightens) ?? []
  if (!url || files.length === 0) return undefined
  // A run that was killed is begun again: what it applied already may have taken away what is counted.
  const { applied } = await readProduction(url, `${service.namespace}_${service.name}`)
  for (const { path, tightens = [] } of files.filter((file) => !applied.includes(file.path))) {
    const refusal = violationObjection(path, await countViolations({ url, changes: tightens }), overrides)
    if (refusal) return `${refusal.reason}. ${refusal.next}`
  }
  return undefined
}
