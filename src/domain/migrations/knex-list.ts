/** What of a service's knex configuration decides which files knex applies, and whether it refuses. Defaults are knex's. */
export interface KnexOptions {
  loadExtensions: readonly string[]
  disableMigrationsListValidation: boolean
}

/** `.mjs` is not among them, and `.d.ts` ends in `.ts`: knex would load it. */
export const knexDefaults: KnexOptions = {
  loadExtensions: ['.co', '.coffee', '.eg', '.iced', '.js', '.cjs', '.litcoffee', '.ls', '.ts'],
  disableMigrationsListValidation: false,
}

/** A migration file of an image. */
export interface ImageMigration {
  /** as knex records it: with its extension */
  name: string
  /** sha256 in hex of its content; undefined when the image has a name without a readable file */
  sha256?: string
  /** its text takes something away that the code of the release before may use */
  contract?: true
}

/** The migrations of a folder in knex's order, which is by name; files with another extension are none. */
export function knexList<T extends { name: string }>(
  files: readonly T[],
  { loadExtensions }: Pick<KnexOptions, 'loadExtensions'> = knexDefaults,
): T[] {
  return files.filter(({ name }) => loadExtensions.includes(extensionOf(name))).sort((a, b) => byName(a.name, b.name))
}

/** Node's `path.extname` of a file name: a leading dot begins no extension. */
export function extensionOf(name: string): string {
  const dot = name.lastIndexOf('.')
  return dot <= 0 ? '' : name.slice(dot)
}

export const byName = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
