import type { MigrationFile, PlannedMigration } from './plan'
import type { MigrationSource } from './policy'
import { durationWords, instant } from './text'

/** A succeeded upgrade on another hub, as its Refit tells of it. Instants are ISO 8601, by that hub's clock. */
export interface PromotedUpgrade {
  namespace: string
  service: string
  planHash: string
  from: string
  to: string
  /** hash of its migrations: migrationsText */
  migrations: string
  succeededAt: string
  /** when a later upgrade of its service succeeded */
  replacedAt: string | null
  /** it runs there now */
  runs: boolean
}

export interface PromotionAnswer {
  hub: { name: string; environment: string }
  /** that hub's clock */
  at: string
  upgrades: PromotedUpgrade[]
}

/** What came of asking another hub. */
export type PromotionAsked = { kind: 'answer'; answer: PromotionAnswer } | { kind: 'error'; message: string }

/** That a candidate has proved itself on another hub. */
export interface PromotionEvidence {
  hub: string
  /** since when it counts as succeeded there, epoch ms */
  since: number
  planHash: string
}

export type PromotionVerdict =
  | ({ kind: 'promoted' } & PromotionEvidence)
  | {
      kind: 'held'
      /** what is said behind the tag */
      reason: string
      /** ask again then; epoch ms */
      until: number
    }

interface Question {
  promote: { from: string; bakedForMs: number }
  asked: PromotionAsked
  /** of this hub: what the other one must have run as well */
  migrations: string
  /** epoch ms */
  now: number
}

/**
 * Whether what succeeded on another hub is enough for `promote`: the same digest (that was asked for) after the same
 * migrations, and long enough there, whether it still runs or a later upgrade has replaced it since.
 */
export function judgePromotion({ promote, asked, migrations, now }: Question): PromotionVerdict {
  const { from, bakedForMs } = promote
  const held = (reason: string, until = now): PromotionVerdict => ({ kind: 'held', reason, until })
  if (asked.kind === 'error') return held(`waits for ${from}, which can't be asked: ${asked.message}`)
  const { upgrades, at } = asked.answer
  if (upgrades.length === 0) return held(`has not succeeded on ${from} yet`)
  const same = upgrades.filter((each) => each.migrations === migrations)
  if (same.length === 0)
    return held(`succeeded on ${from} with other migrations (plan ${upgrades[0]?.planHash ?? 'unknown'} there)`)
  const stays = same.map((each) => stayOf(each, Date.parse(at)))
  const proved = stays.find(({ ranMs }) => ranMs !== undefined && ranMs >= bakedForMs)
  if (proved) return { kind: 'promoted', hub: from, since: proved.since, planHash: proved.planHash }
  const needed = durationWords(bakedForMs)
  const running = stays.filter(({ runs }) => runs).sort((a, b) => a.since - b.since)[0]
  // In words that stay the same from scan to scan.
  if (running) {
    const until = running.since + bakedForMs
    return held(
      `runs on ${from} since ${instant(running.since)} and must for ${needed}: it is offered from ${instant(until)}`,
      until,
    )
  }
  const longest = Math.max(...stays.map(({ ranMs = -1 }) => ranMs))
  return held(
    longest < 0
      ? `succeeded on ${from}, but does not run there any more`
      : `ran on ${from} for ${durationWords(longest)} only, and must for ${needed}`,
  )
}

/** How long it ran there; undefined where it went without a later upgrade: nobody knows when, or why. */
function stayOf(
  { succeededAt, replacedAt, runs, planHash }: PromotedUpgrade,
  at: number,
): { since: number; ranMs: number | undefined; runs: boolean; planHash: string } {
  const since = Date.parse(succeededAt)
  const end = runs ? at : replacedAt === null ? undefined : Date.parse(replacedAt)
  return { since, ranMs: end === undefined ? undefined : Math.max(0, end - since), runs, planHash }
}

/**
 * What of migrations must be the same on both hubs, as a text to hash: what is run, in order. Where the files lie and what
 * the database is called differs from hub to hub.
 */
export function migrationsText(
  migrations: readonly (PlannedMigration | MigrationSource)[],
  filesOf: (directory: string) => readonly MigrationFile[] = () => [],
): string {
  return JSON.stringify(
    migrations.map((migration) => {
      if (migration.kind === 'job') return ['job', migration.command]
      const files = 'files' in migration ? migration.files : filesOf(migration.directory)
      return ['knex', files.map(({ phase, name, sha256 }) => [phase, name, sha256])]
    }),
  )
}
