import { byName, type ImageMigration } from './knex-list'

/** What the migrations of a new image differ in from those of the running one. Each list is in knex's order. */
export interface MigrationDifference {
  added: string[]
  removed: string[]
  /** in both, with another content; knex keeps no hash, so that databases that applied the old one never get the new one */
  edited: string[]
  /** in both, but of at least one the content can't be read */
  unknown: string[]
  /** of the added: named before the newest of the old list; knex applies them without a word, a new install in another order */
  outOfOrder: string[]
  /** an added file with the content of a removed one: knex takes it for a new migration, and the old name for missing */
  renamed: { from: string; to: string }[]
}

/** Compares two lists by name and content. No version number is looked at. */
export function migrationDifference(
  before: readonly ImageMigration[],
  after: readonly ImageMigration[],
): MigrationDifference {
  const old = new Map(before.map((each) => [each.name, each]))
  const names = new Set(after.map(({ name }) => name))
  const added = after.filter(({ name }) => !old.has(name))
  const removed = before.filter(({ name }) => !names.has(name))
  const kept = after.flatMap((now) => {
    const was = old.get(now.name)
    return was ? [{ name: now.name, was: was.sha256, is: now.sha256 }] : []
  })
  const newest = before.map(({ name }) => name).reduce((a, b) => (a > b ? a : b), '')
  return {
    added: sorted(added),
    removed: sorted(removed),
    edited: sorted(kept.filter(({ was, is }) => was !== undefined && is !== undefined && was !== is)),
    unknown: sorted(kept.filter(({ was, is }) => was === undefined || is === undefined)),
    outOfOrder: sorted(added.filter(({ name }) => name < newest)),
    renamed: renamed(removed, added),
  }
}

/** Whether anything is different, as far as it can be read. */
export const isSame = ({ added, removed, edited, unknown }: MigrationDifference): boolean =>
  [added, removed, edited, unknown].every((each) => each.length === 0)

const sorted = (files: readonly { name: string }[]): string[] => files.map(({ name }) => name).sort(byName)

/** Only where the content says it of one pair: two equal files may be anything. */
function renamed(removed: readonly ImageMigration[], added: readonly ImageMigration[]): { from: string; to: string }[] {
  return removed.flatMap(({ name: from, sha256 }) => {
    const same = (each: ImageMigration): boolean => sha256 !== undefined && each.sha256 === sha256
    const [to, ...more] = added.filter(same)
    return to && more.length === 0 && removed.filter(same).length === 1 ? [{ from, to: to.name }] : []
  })
}
