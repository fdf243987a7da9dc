import type { KnownRepository, ServiceKey, UpgradeRow } from './rows'

/** Which upgrades are meant; what is absent doesn't matter. */
export interface UpgradeFilter extends Partial<ServiceKey> {
  outcome?: UpgradeRow['outcome'] | undefined
  phase?: UpgradeRow['phase'] | undefined
  /** `held`: and not resolved; `ended`: neither open nor held */
  state?: 'open' | 'held' | 'ended' | undefined
  /** whoever did something in it */
  by?: string | undefined
  /** started in [from, to) */
  from?: Date | undefined
  to?: Date | undefined
  /** a part of its service, tags, id, digest or message, in any case */
  q?: string | undefined
}

/** A part of a long list, and the id after which the next part begins; null at its end. */
export interface Page<Row> {
  rows: Row[]
  next: string | null
}

/** What was seen of a workload at one moment. */
export interface HealthSample {
  at: Date
  /** `Deployment/ledger` */
  workload: string
  desired: number
  /** new pods that are ready */
  ready: number
  /** new pods */
  updated: number
  /** pods that serve, old and new */
  available: number
  /** of the new pods' containers, together */
  restarts: number
  /** what the health checks say; null where none was asked */
  healthy: boolean | null
}

/** What became of a request with this key. */
export type Repeated<Answer> =
  | { kind: 'new' }
  /** it is carried out right now */
  | { kind: 'running' }
  /** the key was used for something else */
  | { kind: 'another' }
  | { kind: 'done'; answer: Answer }

/** What only people and pages ask of the store. */
export interface ViewStore {
  upgradePages: {
    /** newest first, after the upgrade of this id. USAGE for an id that is none. */
    page(filter: UpgradeFilter, part: { limit: number; after?: string | undefined }): Promise<Page<UpgradeRow>>
  }
  turns: {
    /** Whether this upgrade is now among the `most` that are under way before their bake; else it is in line, where it was. */
    take(upgradeId: string, most: number): Promise<boolean>
    /** Those for whom there is room now, the longest in line first; who was called is not called again before it asks. */
    call(most: number): Promise<ServiceKey[]>
  }
  healthSamples: {
    /** Keeps the first of each workload and moment. */
    add(upgradeId: string, samples: readonly HealthSample[]): Promise<void>
    /** oldest first; the newest 2,000 */
    list(upgradeId: string): Promise<HealthSample[]>
    /** Removes what is older: a plot is looked at soon, or never. */
    forget(before: Date): Promise<void>
  }
  requests: {
    /** Takes the key of a person's request, unless it is taken. `what` is a hash of all that it asks for. */
    begin(request: { by: string; key: string; what: string }): Promise<Repeated<{ status: number; body: string }>>
    /** Keeps the answer for whoever repeats the request within a day. */
    end(request: { by: string; key: string }, answer: { status: number; body: string }): Promise<void>
    /** It came to nothing: the key is free again. */
    forget(request: { by: string; key: string }): Promise<void>
  }
  repositoryList: {
    /** all that scans know, without their tags */
    all(): Promise<KnownRepository[]>
  }
}
