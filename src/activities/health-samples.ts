import type { RolloutObservation } from '../domain/rollout'
import type { HealthSample, Store } from '../store/contracts'

/** Takes down what a watch sees. */
export interface Samples {
  /** `healthy`: what health checks said of it; null where none was asked */
  see(workload: string, seen: RolloutObservation, healthy?: boolean | null): void
}

/** Of one workload; what comes sooner is taken down when this is over, if it still is so. */
const atMostEveryMs = 2_000

/** Of one upgrade's watch. */
const writesAtOnce = 4

type Counts = Omit<HealthSample, 'at'>

interface Taken {
  counts: string
  at: number
  /** what is different since, and waits */
  later?: { counts: Counts; timer: NodeJS.Timeout }
}

/**
 * Keeps what is seen of workloads, whenever it has changed, for the plot of an upgrade. Nobody waits for a write, and one
 * that fails is a gap in the plot and nothing else.
 */
export function samplesOf(store: Partial<Pick<Store, 'healthSamples'>>, upgradeId: string): Samples {
  const taken = new Map<string, Taken>()
  const take = (counts: Counts): void => {
    const at = Date.now()
    taken.set(counts.workload, { counts: JSON.stringify(counts), at })
    void write({ ...counts, at: new Date(at) })
  }
  let writing = 0
  const write = async (sample: HealthSample): Promise<void> => {
    // A store that is slow has better things to do: the plot gets a gap.
    if (writing >= writesAtOnce) return
    writing += 1
    try {
      await store.healthSamples?.add(upgradeId, [sample])
    } catch {
      // Nothing is decided by it.
    } finally {
      writing -= 1
    }
  }
  return {
    see(workload, seen, healthy = null) {
      const counts = countsOf(workload, seen, healthy)
      const last = taken.get(workload)
      clearTimeout(last?.later?.timer)
      if (last) delete last.later
      if (last?.counts === JSON.stringify(counts)) return
      const waitMs = last ? last.at + atMostEveryMs - Date.now() : 0
      if (!last || waitMs <= 0) return take(counts)
      // It must not keep a worker from ending.
      last.later = { counts, timer: setTimeout(() => take(counts), waitMs).unref() }
    },
  }
}

/** Pure: the counts that a plot shows. */
export function countsOf(workload: string, seen: RolloutObservation, healthy: boolean | null): Counts {
  const fresh = seen.pods.filter((pod) => pod.isNew && !pod.deleting)
  return {
    ...{ workload, desired: seen.desired, updated: seen.updated, available: seen.available },
    ready: fresh.filter(({ ready }) => ready).length,
    restarts: fresh.reduce((sum, { restarts }) => sum + restarts, 0),
    healthy,
  }
}
