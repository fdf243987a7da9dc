/** How a service may move. Durations are milliseconds; config/ parses `10m` and the like into them. */
export type Mode = 'watch' | 'approve' | 'automatic'

/** `patch` is a hot-fix of the same x.y.z (a fourth number or a hot-fix suffix); `bugfix` is semver's z. */
export type Strategy = 'patch' | 'bugfix' | 'minor' | 'major' | { range: string }

export interface WindowRule {
  /** five-field cron line of the window's start, read in `timeZone` */
  cron: string
  durationMs: number
  /** IANA name */
  timeZone: string
}

/** Whole days, both included, in `timeZone`. */
export interface Freeze {
  /** YYYY-MM-DD */
  from: string
  /** YYYY-MM-DD */
  to: string
  timeZone: string
}

export type MigrationSource =
  | { kind: 'job'; /** run in the new image */ command: string[]; deadlineMs: number }
  | {
      kind: 'knex'
      /** holds expand/, backfill/ and contract/ */ directory: string
      /** name of the environment variable that holds the URL */ database: string
    }

export interface RolloutRules {
  /** how long the new pods are watched after the rollout before the upgrade counts as succeeded */
  bakeMs: number
  /** no new high-water mark of ready new pods for this long: failed (facts/rollout.md §3.1 rule 10) */
  stallMs: number
  /** wall clock from the patch: failed (rule 12) */
  deadlineMs: number
  /** how many pods below the desired count a rollout may go; 0 unless written (law 6) */
  maxUnavailable: number
}

export interface HealthCheck {
  /** path, e.g. /health, asked of every new pod */
  http: string
  port: number
  expect: {
    /** value of the answer's `status` field */
    status?: string
    /** JSON path (`$.a.b`) of the running version, compared with the tag without its leading v */
    version?: string
  }
}

export interface Policy {
  name: string
  select: { namespaces: string[]; images: string[] }
  mode: Mode
  strategy: Strategy
  /** `none`, or the leading identifier of the one channel that is followed */
  prerelease: string
  approval: { required: 0 | 1; expiresMs: number }
  windows: WindowRule[]
  freezes: Freeze[]
  migrations: MigrationSource[]
  rollout: RolloutRules
  health: HealthCheck[]
  /** a Helm-owned workload is held unless its drift is accepted */
  helmDrift: 'refuse' | 'accept'
}
