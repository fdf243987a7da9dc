/** Data migrations come in this order; contract is the point of no return. */
export const migrationPhases = ['expand', 'backfill', 'contract'] as const
export type MigrationPhase = (typeof migrationPhases)[number]

export interface MigrationListing {
  /** by phase, then in knex's order, which is by name */
  files: { phase: MigrationPhase; name: string }[]
  /** in words; empty when the listing can be used */
  problems: string[]
}

const isMigration = /\.(?:c?js|ts)$/
const isDeclaration = /\.d\.ts$/

/** Sorts a directory listing (paths relative to the directory, such as `expand/001_add.js`) into phases by folder. */
export function classifyMigrations(paths: readonly string[]): MigrationListing {
  const files: MigrationListing['files'] = []
  const problems: string[] = []
  for (const path of paths) {
    const [folder = '', name, ...deeper] = path.split('/')
    if (name === undefined) {
      if (isMigration.test(folder)) problems.push(`${path} lies in none of ${migrationPhases.join(', ')}`)
      continue
    }
    if (deeper.length > 0 || !isMigration.test(name) || isDeclaration.test(name)) continue
    const phase = migrationPhases.find((each) => each === folder)
    if (phase) files.push({ phase, name })
    else problems.push(`${path} lies in none of ${migrationPhases.join(', ')}`)
  }
  files.sort((a, b) => migrationPhases.indexOf(a.phase) - migrationPhases.indexOf(b.phase) || compare(a.name, b.name))
  return { files, problems: [...problems, ...duplicates(files)] }
}

/** One name in two phases, or as .js and .ts, is two migrations to knex and one to whoever reads its list. */
function duplicates(files: MigrationListing['files']): string[] {
  const seen = new Map<string, string>()
  return files.flatMap(({ phase, name }) => {
    const stem = stemOf(name)
    const here = `${phase}/${name}`
    const first = seen.get(stem)
    if (first === undefined) seen.set(stem, here)
    return first === undefined ? [] : [`${first} and ${here} have the same name`]
  })
}

/**
 * Which names of one phase are still to run, in knex's order, given those that its table lists. knex refuses every command
 * when an applied file is missing, and applies a file that sorts before applied ones without a word: both are told here.
 */
export function pendingMigrations(
  names: readonly string[],
  applied: readonly string[],
): { pending: string[]; problems: string[] } {
  const [here, done] = [new Set(names), new Set(applied)]
  const pending = [...here].filter((name) => !done.has(name)).sort(compare)
  const last = [...done].sort(compare).at(-1)
  return {
    pending,
    problems: [
      ...[...done].filter((name) => !here.has(name)).map((name) => `${name} is applied but its file is missing`),
      ...pending
        .filter((name) => last !== undefined && compare(name, last) < 0)
        .map((name) => `${name} sorts before ${last}, which is applied already`),
    ],
  }
}

const stemOf = (name: string): string => name.replace(isMigration, '')
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
