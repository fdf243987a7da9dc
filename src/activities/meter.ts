import type { Outcome, Phase } from '../domain/status'
import type { ServiceKey } from '../store/contracts'

/** What activities count for Prometheus (docs/metrics.md). Nothing here throws or waits. */
export interface Meter {
  /** `seconds`: from the entry of preflight; absent where it ended before */
  upgradeEnded(end: { outcome: Outcome; phase: Phase; seconds?: number }): void
  dataEnded(outcome: Outcome): void
  /** rows that a declared backfill has changed since it was told last */
  backfilled(key: ServiceKey, rows: number): void
  /** A new tag that is offered or held was found; it can't have been there for longer than this. */
  detected(seconds: number): void
  scanned(scan: { complete: boolean; hinted: boolean; seconds: number }): void
}
