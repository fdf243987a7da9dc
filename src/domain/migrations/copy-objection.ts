import { type PlanRefusal, refused } from '../plan-objections'
import { clean } from '../text'
import { otherOverrides } from './planned-rehearsal'
import { changeLines, schemaChange, type SchemaItem } from './schema-items'

/** Why a rehearsal on this copy would say nothing of production. Names are those of environment variables. */
export function copyObjection(
  copy: { name: string; version: string; items: readonly SchemaItem[] },
  production: { name: string; version: string; items: readonly SchemaItem[] },
  overrides: readonly string[] = [],
): PlanRefusal | undefined {
  const [theirs, ours] = [copy, production].map(({ version }) => version.split('.')[0])
  if (theirs !== ours)
    return refused(
      `the copy (${copy.name}) runs PostgreSQL ${copy.version}, production (${production.name}) ${production.version}`,
      `Give rehearse.copy a server of version ${ours}.`,
    )
  const lines = changeLines(schemaChange(copy.items, production.items))
  if (lines.length === 0 || overrides.includes(otherOverrides.copy)) return undefined
  const shown = lines.slice(0, 3).map((line) => clean(line, 120))
  return refused(
    `the copy (${copy.name}) has another schema than production (${production.name}), in ${lines.length} ${lines.length === 1 ? 'place' : 'places'}: ${shown.join('; ')}`,
    `Restore it anew (pg_dump --schema-only of production), or write overrides: [${otherOverrides.copy}] beside the migration in refit.yaml.`,
  )
}
