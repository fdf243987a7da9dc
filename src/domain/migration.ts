/** Data migrations come in this order; contract is the point of no return. */
export const migrationPhases = ['expand', 'backfill', 'contract'] as const
export type MigrationPhase = (typeof migrationPhases)[number]
/** What runs after an upgrade has succeeded, in the data workflow. */
export type DataPhase = Exclude<MigrationPhase, 'expand'>

interface MigrationListing {
  /** by phase, then in knex's order, which is by name */
  files: { phase: MigrationPhase; name: string }[]
  /** in words; empty when the listing can be used */
  problems: string[]
}

const isCode = /\.([cm]?[jt]s|sql)$/
const isDeclaration = /\.d\.[cm]?ts$/
const isMigration = /\.(c?js|sql)$/
/** The way back beside a SQL file. */
const isDown = /[._-](down|undo)\.sql$/
/** a declared backfill */
export const isDeclared = (name: string): boolean => /\.ya?ml$/.test(name)

/**
 * Sorts a directory listing (paths relative to the directory, such as `expand/001_add.js`) into phases by folder. YAML in
 * `backfill/` is a declared backfill. Code that would not run as a migration, and YAML elsewhere, is a problem: it must
 * never be left out without a word.
 */
export function classifyMigrations(paths: readonly string[]): MigrationListing {
  const files: MigrationListing['files'] = []
  const problems: string[] = []
  for (const path of paths) {
    const [folder = '', name = folder, ...deeper] = path.split('/')
    if (deeper.length > 0 || isDeclaration.test(name) || isDown.test(name)) continue
    if (!(isCode.test(name) || isDeclared(name))) continue
    const phase = path.includes('/') ? migrationPhases.find((each) => each === folder) : undefined
    if (isDeclared(name)) {
      if (phase === 'backfill') files.push({ phase, name })
      else problems.push(`${path} is a declared backfill outside of backfill`)
    } else if (!phase) problems.push(`${path} lies in none of ${migrationPhases.join(', ')}`)
    else if (!isMigration.test(name)) problems.push(`${path} is neither .js, .cjs nor .sql`)
    else files.push({ phase, name })
  }
  files.sort((a, b) => migrationPhases.indexOf(a.phase) - migrationPhases.indexOf(b.phase) || compare(a.name, b.name))
  return { files, problems: [...problems, ...duplicates(files)] }
}

/** One name in two phases, or with two endings, is two migrations to knex and one to whoever reads its list. */
function duplicates(files: MigrationListing['files']): string[] {
  const seen = new Map<string, string>()
  return files.flatMap(({ phase, name }) => {
    const stem = name.replace(/\.(c?js|sql|ya?ml)$/, '')
    const here = `${phase}/${name}`
    const first = seen.get(stem)
    if (first === undefined) seen.set(stem, here)
    return first === undefined ? [] : [`${first} and ${here} have the same name`]
  })
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
