import { Counter, Histogram, type Registry } from 'prom-client'
import type { Meter } from './activities/meter'
import { outcomes } from './domain/status'

const upgradeBuckets = [10, 30, 60, 120, 300, 600, 1_200, 1_800, 3_600, 7_200]
const detectBuckets = [1, 5, 10, 30, 60, 120, 300, 600, 900, 1_800, 3_600]
const scanBuckets = [0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1_800]

/** Counters and histograms of what this worker does; they start at 0 with the process. `requests`: to registries, so far. */
export function createMeter(registry: Registry, requests: () => Readonly<Record<string, number>>): Meter {
  const registers = [registry]
  const upgradesEnded = new Counter({
    name: 'refit_upgrades_ended_total',
    help: 'Upgrades that ended, by outcome and by the phase that they ended in.',
    labelNames: ['outcome', 'phase'],
    registers,
  })
  const upgradeSeconds = new Histogram({
    name: 'refit_upgrade_seconds',
    help: 'How long upgrades took from preflight to their end, without the wait for approval and window.',
    labelNames: ['outcome'],
    buckets: upgradeBuckets,
    registers,
  })
  const dataEnded = new Counter({
    name: 'refit_data_ended_total',
    help: 'Data workflows that ended, by outcome.',
    labelNames: ['outcome'],
    registers,
  })
  const backfillRows = new Counter({
    name: 'refit_backfill_rows_total',
    help: 'Rows that declared backfills have changed.',
    labelNames: ['namespace', 'service'],
    registers,
  })
  const detectSeconds = new Histogram({
    name: 'refit_detect_seconds',
    help: 'For how long a new version can have been in its registry, at most, when it was found: the time since the list was read before.',
    buckets: detectBuckets,
    registers,
  })
  const scanSeconds = new Histogram({
    name: 'refit_scan_seconds',
    help: 'How long scans took. complete: every watched image could be read. hinted: only of repositories that were pushed to.',
    labelNames: ['complete', 'hinted'],
    buckets: scanBuckets,
    registers,
  })
  new Counter({
    name: 'refit_registry_requests_total',
    help: 'Requests to registries, with those to their token servers and storage.',
    labelNames: ['host'],
    registers,
    collect() {
      this.reset()
      for (const [host, count] of Object.entries(requests())) this.inc({ host }, count)
    },
  })
  // A rate needs the 0 before the first one.
  for (const outcome of ['succeeded', 'rolled-back', 'held'] as const)
    upgradesEnded.inc({ outcome, phase: outcome === 'succeeded' ? 'bake' : 'rollback' }, 0)
  for (const outcome of outcomes) dataEnded.inc({ outcome }, 0)

  return {
    upgradeEnded: quietly(({ outcome, phase, seconds }) => {
      upgradesEnded.inc({ outcome, phase })
      if (seconds !== undefined) upgradeSeconds.observe({ outcome }, seconds)
    }),
    dataEnded: quietly((outcome) => dataEnded.inc({ outcome })),
    backfilled: quietly(({ namespace, service }, rows) => backfillRows.inc({ namespace, service }, Math.max(0, rows))),
    detected: quietly((seconds) => detectSeconds.observe(Math.max(0, seconds))),
    scanned: quietly(({ complete, hinted, seconds }) =>
      scanSeconds.observe({ complete: String(complete), hinted: String(hinted) }, Math.max(0, seconds)),
    ),
  }
}

/** A number that can't be counted is a gap in a plot: it must not end the scan or the upgrade that it is about. */
function quietly<Given extends unknown[]>(count: (...given: Given) => void): (...given: Given) => void {
  return (...given) => {
    try {
      count(...given)
    } catch {
      // prom-client throws on what is no number.
    }
  }
}
