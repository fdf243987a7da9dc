import { knexDefaults, type KnexOptions } from './knex-list'
import { afterLatest, predictLatest } from './prediction'

/** A release on the way, by what decides whether one may be jumped over. */
export interface ReleaseMigrations {
  /** as people call it */
  name: string
  /** in knex's order */
  files: readonly string[]
  /** of the files: those that remove or constrain, after which the code of the release before no longer runs */
  contracts?: readonly string[]
}

export type SteppingStones =
  /** the releases to go through one after the other, each with its own bake; only the last one: a jump is fine */
  { kind: 'path'; through: string[]; why: string[] } | { kind: 'refused'; why: string[] }

interface Question {
  /** oldest first; the first one runs, the last one is wanted */
  releases: readonly [ReleaseMigrations, ...ReleaseMigrations[]]
  /** what the database has; by default all of the first release */
  applied?: readonly string[]
  options?: KnexOptions
}

/** More would be no upgrade but an archive. */
const maxReleases = 200

/**
 * The fewest steps from the first release to the last. A step is possible when knex doesn't refuse it and when no contract
 * file comes with it that a release between introduced: the code that runs would meet a schema that only its successor knows.
 */
export function steppingStones({ releases, applied, options = knexDefaults }: Question): SteppingStones {
  if (releases.length > maxReleases) return { kind: 'refused', why: [`there are more than ${maxReleases} releases`] }
  const last = releases.length - 1
  const why: string[] = []
  let reached: Reached[] = [{ at: 0, applied: [...(applied ?? releases[0].files)], through: [] }]
  const seen = new Set<string>()
  while (reached.length > 0) {
    const next: Reached[] = []
    for (const from of reached)
      for (let to = last; to > from.at; to -= 1) {
        const hindrance = hindranceOf(releases, from, to, options)
        if (hindrance !== undefined) {
          if (to === last) why.push(hindrance)
          continue
        }
        const release = releases[to]
        if (!release) continue
        const step = {
          at: to,
          applied: afterLatest(from.applied, release.files),
          through: [...from.through, release.name],
        }
        if (to === last) return { kind: 'path', through: step.through, why }
        const state = `${to} ${[...step.applied].sort().join('\n')}`
        if (!seen.has(state)) next.push(step)
        seen.add(state)
      }
    reached = next
  }
  return { kind: 'refused', why: why.length > 0 ? why : ['there is no later release'] }
}

interface Reached {
  at: number
  applied: string[]
  through: string[]
}

/** In words; undefined when the step can be taken. */
function hindranceOf(
  releases: readonly ReleaseMigrations[],
  { at, applied }: Reached,
  to: number,
  options: KnexOptions,
): string | undefined {
  const here = releases[at]
  const target = releases[to]
  if (!here || !target) return 'there is no such release'
  const prediction = predictLatest(target.files, { names: applied, locked: false }, options)
  if (prediction.kind === 'refuses')
    return `${target.name} after ${here.name}: knex refuses, it has no ${prediction.missing.join(', ')}`
  const pending = new Set(prediction.pending)
  for (let between = at + 2; between <= to; between += 1) {
    const before = releases[between - 1]
    const contract = newContracts(before, releases[between]).find((name) => pending.has(name))
    if (contract !== undefined && before)
      return `${target.name} after ${here.name}: ${contract} removes what ${here.name} needs; ${before.name} goes first`
  }
  return undefined
}

function newContracts(before: ReleaseMigrations | undefined, release: ReleaseMigrations | undefined): string[] {
  const known = new Set(before?.contracts)
  return (release?.contracts ?? []).filter((name) => !known.has(name))
}
