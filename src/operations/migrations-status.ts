import { readApplied } from '../clients/applied-migrations'
import type { Registry } from '../clients/contracts'
import { RefitError } from '../domain/errors'
import { migrationDifference } from '../domain/migrations/difference'
import { releaseOf } from '../domain/migrations/image-answer'
import type { KnexfileHints } from '../domain/migrations/knexfile'
import { predictLatest, type AppliedMigrations } from '../domain/migrations/prediction'
import { rollbackAnswer, type RunsMigrations } from '../domain/migrations/rollback-answer'
import type { DatabaseMigrations, ImageMigrations, ImageRead, MigrationsStatus } from '../domain/migrations/status'
import { statusFindings } from '../domain/migrations/status-findings'
import { steppingStones } from '../domain/migrations/stepping-stones'
import { migratingImage, readImageMigrations } from '../activities/image-migrations'

export interface MigrationsQuestion {
  image: string
  /** the running image */
  from?: string
  /** releases between the two, oldest first */
  between?: readonly string[]
  /** the folder of the migrations in the images; looked for when absent */
  path?: string
  /** the name of an environment variable with the database's address */
  database?: string
  /** knex's table there */
  table?: string
  /** who runs the service's migrations when a pod starts */
  runs?: RunsMigrations
}

interface Means {
  registry: () => Promise<Registry>
  environment: NodeJS.ProcessEnv
}

/**
 * What an image's migrations are, what they change, what of it a database has applied, and what knex would do: there and
 * back. Runs nothing and writes nothing. Throws USAGE, REGISTRY_*, DATABASE_UNAVAILABLE.
 */
export async function migrationsStatus(means: Means, question: MigrationsQuestion): Promise<MigrationsStatus> {
  const names = [question.image, ...(question.from === undefined ? [] : [question.from]), ...(question.between ?? [])]
  const images = names.map(migratingImage)
  const url = question.database === undefined ? undefined : addressIn(means.environment, question.database)
  const registry = await means.registry()
  const reads: ImageRead[] = []
  // One after the other: an image can have hundreds of megabytes.
  for (const image of images) reads.push(await readImageMigrations(registry, image, question.path))
  const [target, ...others] = reads as [ImageRead, ...ImageRead[]]
  const from = question.from === undefined ? undefined : others.shift()
  const database =
    question.database === undefined || url === undefined
      ? undefined
      : await readDatabase(url, question.database, { ...question, hints: target.hints })
  return statusOf(
    target.shown,
    from?.shown,
    others.map(({ shown }) => shown),
    database,
    question.runs,
  )
}

function statusOf(
  image: ImageMigrations,
  from: ImageMigrations | undefined,
  between: ImageMigrations[],
  database: DatabaseMigrations | undefined,
  runs: RunsMigrations | undefined,
): MigrationsStatus {
  const applied: AppliedMigrations | undefined = database ?? (from && { names: namesOf(from), locked: false })
  const status: Omit<MigrationsStatus, 'findings'> = {
    image,
    from: from ?? null,
    difference: from ? migrationDifference(from.migrations, image.migrations) : null,
    database: database ?? null,
    basis: database ? 'database' : from ? 'running image' : null,
    forwards: applied ? predictLatest(namesOf(image), applied, image.options) : null,
    backwards:
      from && applied
        ? rollbackAnswer({
            ...{ old: namesOf(from), new: namesOf(image), applied: applied.names, options: from.options },
            ...(runs ? { runs } : {}),
          })
        : null,
    path:
      from && between.length > 0
        ? steppingStones({
            releases: [releaseOf(from), ...[...between, image].map(releaseOf)],
            ...(applied ? { applied: applied.names } : {}),
            options: image.options,
          })
        : null,
  }
  return { ...status, findings: statusFindings(status) }
}

const namesOf = ({ migrations }: ImageMigrations): string[] => migrations.map(({ name }) => name)

function addressIn(environment: NodeJS.ProcessEnv, variable: string): string {
  const named = /^\$\{?([A-Za-z_][A-Za-z0-9_]*)\}?$/.exec(variable)?.[1] ?? variable
  const url = /^[A-Za-z_][A-Za-z0-9_]*$/.test(named) ? environment[named]?.trim() : undefined
  if (url) return url
  throw /^[A-Za-z_][A-Za-z0-9_]*$/.test(named)
    ? new RefitError('USAGE', `The environment variable ${named} is empty.`, 'Put the address of the database into it.')
    : // It may be the address itself, password and all.
      new RefitError(
        'USAGE',
        '--database takes the name of an environment variable, not an address.',
        'Put the address into a variable, such as LEDGER_DATABASE_URL, and name that.',
      )
}

async function readDatabase(
  url: string,
  variable: string,
  { table, hints }: { table?: string; hints: KnexfileHints | undefined },
): Promise<DatabaseMigrations> {
  const { tableName: hint, schemaName: schema } = hints ?? {}
  const read = await readApplied({
    ...{ url, place: variable },
    ...(table === undefined ? {} : { table }),
    ...(hint === undefined ? {} : { hint }),
    ...(schema === undefined ? {} : { schema }),
  })
  return { variable, engine: read.engine, table: read.table ?? null, names: read.names, locked: read.locked }
}
