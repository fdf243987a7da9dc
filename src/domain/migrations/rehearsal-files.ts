import { type MigrationPhase, migrationPhases } from '../migration'

export interface RehearsalFile {
  /** relative to the directory */
  path: string
  /** by folder; undefined for a file outside of them */
  phase?: MigrationPhase
  kind: 'knex' | 'sql'
}

const kinds: [RegExp, RehearsalFile['kind']][] = [
  [/\.c?js$/, 'knex'],
  [/\.sql$/, 'sql'],
]
const isOtherCode = /\.([cm]?ts|mjs)$/
const isDown = /[._-](down|undo)\.sql$/

/**
 * The migrations of a directory's listing, phase by phase and by name, as they would run: knex files and SQL files, in
 * the folders of the phases or all beside each other. What would never run is a problem.
 */
export function rehearsalFiles(paths: readonly string[]): { files: RehearsalFile[]; problems: string[] } {
  const files: RehearsalFile[] = []
  const problems: string[] = []
  for (const path of [...paths].sort()) {
    const [folder = '', name, ...deeper] = path.split('/')
    const phase = name === undefined ? undefined : migrationPhases.find((each) => each === folder)
    if (deeper.length > 0 || (name !== undefined && !phase)) continue
    const kind = kinds.find(([pattern]) => pattern.test(path))?.[1]
    if (kind && !isDown.test(path)) files.push({ path, kind, ...(phase ? { phase } : {}) })
    else if (isOtherCode.test(path) && !/\.d\.[cm]?ts$/.test(path))
      problems.push(`${path} is neither .js, .cjs nor .sql`)
  }
  const rank = ({ phase }: RehearsalFile): number => (phase ? migrationPhases.indexOf(phase) : -1)
  files.sort((a, b) => rank(a) - rank(b))
  if (files.some(({ phase }) => phase) && files.some(({ phase }) => !phase))
    problems.push('some files lie in the folders of the phases and some beside them')
  return { files, problems }
}

/** `-- no-transaction` or `-- migrate:up transaction:false` in the first lines of a SQL file. */
export const runsOutsideTransaction = (sql: string): boolean =>
  sql
    .split('\n')
    .slice(0, 10)
    .some((line) => /^\s*--.*\b(no[-_ ]?transaction|transaction\s*[:=]\s*false)\b/i.test(line))
