import type { Plan, PlannedMigration, PlannedWorkload } from '../plan'
import type { PodObservation } from '../rollout'

/**
 * What is done about an old pod that is made anew (evicted, scaled) between expand and the end of the rollout: its old
 * migrating init container would refuse the newer schema. Undefined where nothing refuses: no Job migrates what the
 * service's own init container migrates too, nothing is pending, or the two images and the database say that it starts.
 */
export function restartAnswer({
  migrations,
  workloads,
  acceptRestartRisk = false,
  oldStarts = false,
}: {
  migrations: readonly PlannedMigration[]
  workloads: readonly PlannedWorkload[]
  acceptRestartRisk?: boolean | undefined
  /** the old image's migrations are known to accept the schema that the new one's leave */
  oldStarts?: boolean
}): Plan['rollback']['restart'] {
  if (oldStarts) return undefined
  // Files that Refit runs itself are in a list of their own, which no image of the service reads.
  const changesItsList = migrations.some((each) => each.kind === 'job' && each.pending?.length !== 0)
  if (!changesItsList || !workloads.some(hasMigrator)) return undefined
  return acceptRestartRisk ? 'accepted' : 'prepare'
}

/** Whether an init container of the service's image is part of what is rolled. */
export const hasMigrator = ({ containers }: PlannedWorkload): boolean => containers.some(({ init }) => init)

/**
 * How far a new init container came in pods of the revision that `prepare` brought: `ran`: it ended well in one of them,
 * so the schema is the newer one; `runs`: one may end so any moment; `never`: it ended well nowhere.
 */
export function migratorState(pods: readonly PodObservation[]): 'ran' | 'runs' | 'never' {
  const states = pods.filter(({ isNew }) => isNew).map(stateIn)
  return states.find((state) => state === 'ran') ?? states.find((state) => state === 'runs') ?? 'never'
}

/** A pod runs, and its application containers get another state than initializing, only after its init containers. */
function stateIn({ phase, waiting, unschedulable }: PodObservation): 'ran' | 'runs' | 'never' {
  const application = waiting.filter(({ init }) => !init)
  if (phase === 'Running' || application.some(({ reason }) => reason !== 'PodInitializing')) return 'ran'
  const runs = application.length > 0 && !unschedulable && !waiting.some(({ init }) => init)
  return phase === 'Pending' && runs ? 'runs' : 'never'
}
