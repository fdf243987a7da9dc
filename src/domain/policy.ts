import type { Gitops } from './gitops'
import type { HealthCheck } from './health-check'
import type { SignatureRule } from './signature'

export type * from './health-check'

/** How a service may move. Durations are milliseconds; config/ parses `10m` and the like into them. */
export type Mode = 'watch' | 'approve' | 'automatic'

/** How the part of a tag that a filter extracts is compared. */
export type Order = 'semver' | 'numerical' | 'calver' | 'alphabetical'

/** `filter` in RE2's syntax; `extract` such as `$ts` or `$1`, the whole match when absent. */
export interface FilterStrategy {
  filter: string
  extract?: string
  order: Order
}

/**
 * `patch` is a hot-fix of the same x.y.z (a fourth number or a hot-fix suffix); `bugfix` is semver's z; `digest` is the
 * running, moving tag whenever its digest changes; `release` is the tag that the newest supported release of the bill of
 * materials names.
 */
export type Strategy =
  'patch' | 'bugfix' | 'minor' | 'major' | 'digest' | 'release' | { range: string } | FilterStrategy

/** When an upgrade may start: from each start, read in `timeZone`, for a duration; half-open. */
export type WindowRule = (
  | { /** five-field cron line */ cron: string }
  | { /** RFC 5545, without DTSTART */ rrule: string; /** the first start, local: YYYY-MM-DDTHH:MM */ from: string }
) & {
  durationMs: number
  /** IANA name */
  timeZone: string
  /** days (YYYY-MM-DD, of the start) on which it doesn't start */
  except?: string[] | undefined
}

/** Whole days, both included, in `timeZone`. */
export interface Freeze {
  /** YYYY-MM-DD */
  from: string
  /** YYYY-MM-DD */
  to: string
  timeZone: string
}

/** Where the proof of a backup comes from. */
export interface BackupRule {
  maxAgeMs: number
  check: { command: string[] } | { file: string } | { http: string }
}

/** Whose yes a contract needs. */
export interface ContractApproval {
  required: number
  groups: string[]
  expiresMs: number
}

/** `copy` and `database` are names of environment variables that hold URLs. */
interface MigrationChecks {
  /** where the pending migrations are rehearsed: a database of a throw-away server, of which copies are made */
  rehearse?: { copy: string } | undefined
  /** proof of a backup, before a risky expand and always before contract */
  backup?: BackupRule | undefined
}

export interface JobSource extends MigrationChecks {
  kind: 'job'
  /** run in the new image */
  command: string[]
  deadlineMs: number
  /** the service's database, where what the Job applied is compared */
  database?: string | undefined
  /** absolute: the folder of the migrations in the image; looked for when absent */
  path?: string | undefined
  /** knex's list of applied migrations; looked for when absent */
  table?: string | undefined
  /** the application migrates when it starts, and no switch turns that off */
  startUp?: boolean | undefined
  /** `env`: the variable by which the image's code finds its database; in the rehearsal it has no other */
  rehearse?: { copy: string; env: string } | undefined
  /** rules of the rehearsal whose findings a person takes upon them */
  overrides?: string[] | undefined
}

export interface KnexSource extends MigrationChecks {
  kind: 'knex'
  /** holds expand/, backfill/ and contract/ */
  directory: string
  database: string
  /** paths in the directory whose findings a person takes upon them */
  overrides?: string[] | undefined
  /** `before` the rollout; after the bake when absent */
  backfill?: 'before' | 'after' | undefined
  contract?:
    | {
        approval?: ContractApproval | undefined
        /** services that use the same tables, and the versions (a semver range) that are past the contract */
        users: { service: string; version: string }[]
      }
    | undefined
}

export type MigrationSource = JobSource | KnexSource

/** How long a sign of failure may last before it is a verdict (facts/rollout.md §3.1), by the key that is written in refit.yaml. */
export const graceKeys = [
  'imageName',
  'imageRefused',
  'imagePull',
  'containerStart',
  'crashLoop',
  'admission',
  'quota',
  'unschedulable',
  'scaleUp',
  'capacity',
] as const
/** Milliseconds; absent: the rule's own. */
export type Graces = Partial<Record<(typeof graceKeys)[number], number | undefined>>

/** What is absent was not written: plans of earlier builds keep their hash. */
export interface RolloutRules {
  /** how long the new pods are watched after the rollout before the upgrade counts as succeeded */
  bakeMs: number
  /** no new high-water mark of ready new pods for this long: failed (facts/rollout.md §3.1 rule 10) */
  stallMs: number
  /** wall clock from the patch: failed (rule 12) */
  deadlineMs: number
  /** how many pods below the desired count a rollout may go; 0 unless written (law 6) */
  maxUnavailable: number
  /** 1: the first new pod is watched alone before the others are replaced */
  canary?: number | undefined
  /** how long it is watched alone; 30 s when absent */
  canaryBakeMs?: number | undefined
  /** after which shares of new pods the rollout waits, and how long */
  steps?: { percent: number; bakeMs: number }[] | undefined
  graces?: Graces | undefined
  /** workloads by name, in the order in which they are rolled; those that it doesn't name follow */
  order?: string[] | undefined
  /** `optional`: a workload without readiness probe is rolled nevertheless */
  readinessProbe?: 'required' | 'optional' | undefined
  /** `required`: a workload without preStop hook is refused; a warning otherwise */
  drain?: 'warn' | 'required' | undefined
  /** `warn`: an image whose insides have moved away from what the workload says of them is rolled nevertheless */
  imageContract?: 'required' | 'warn' | undefined
}

export interface ApprovalRules {
  /** how many different people must say yes; 0: nobody is asked */
  required: number
  expiresMs: number
  /** how long before it expires the question is asked again, louder */
  escalateMs: number
  /** whether names count that nobody verified; never toward more than one approval, a group or makerChecker */
  unverified: 'refuse' | 'accept'
  /** one verified person requests, another approves */
  makerChecker: boolean
  /** only members of one of these may approve or reject; empty: anybody */
  groups: string[]
  /** the ticket of a change; `pattern` is RE2 and matches the whole of it */
  changeReference?: { required: boolean; pattern?: string | undefined } | undefined
}

export interface Policy {
  name: string
  select: { namespaces: string[]; images: string[] }
  mode: Mode
  strategy: Strategy
  /** `none`, or the leading identifier of the one channel that is followed */
  prerelease: string
  /** `accept`: bugfix, minor, major and a range offer hot-fixes above their release, too */
  hotfixes: 'ignore' | 'accept'
  /** a tag younger than this is passed over for the highest that is old enough */
  minimumAgeMs: number
  /** only the newest known, once it is `forMs` old; no upgrade is held back by newer ones for longer than `atMostMs` */
  settle?: { forMs: number; atMostMs: number }
  /** how old a tag counts that was met in a repository's first scan: by its publisher's date, or from that scan on */
  firstScan: 'publisher' | 'wait'
  /** `nodes`: a candidate must have an image for the nodes that run the service */
  platforms: 'nodes' | 'ignore'
  approval: ApprovalRules
  /** the group whose members may start an upgrade outside of windows, and in freezes */
  emergency?: string | undefined
  /** a candidate must have succeeded on that other hub, and run there for this long */
  promote?: { from: string; bakedForMs: number } | undefined
  /** a candidate must be signed as one of these says */
  signatures?: SignatureRule[] | undefined
  windows: WindowRule[]
  freezes: Freeze[]
  /** what becomes of an upgrade that runs when its window closes, at its next safe point */
  whenWindowCloses: 'finish' | 'hold' | 'rollback'
  /** how long an upgrade takes, where a person says so; else it is learned */
  expectedMs?: number
  migrations: MigrationSource[]
  /** an old pod that is made anew between expand and the end of the rollout may fail to start */
  acceptRestartRisk?: boolean | undefined
  rollout: RolloutRules
  health: HealthCheck[]
  /** a Helm-owned workload is held unless its drift is accepted */
  helmDrift: 'refuse' | 'accept'
  /** images are changed by commits to this file; the workload itself is not patched */
  gitops?: Gitops | undefined
}
