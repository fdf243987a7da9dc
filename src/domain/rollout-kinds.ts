import type { PodObservation, RolloutObservation } from './rollout'

/** How many new pods a rollout of this workload brings in the end. */
export const wantedNew = ({ desired, wantedNew: wanted = desired }: RolloutObservation): number => wanted

/** What `kubectl rollout status` waits for; a CronJob, which it doesn't know, is complete with a run of its new template. */
export function isComplete(seen: RolloutObservation): boolean {
  const { kind, desired, updated, total, available, pending, lastRun } = seen
  switch (kind) {
    case 'CronJob':
      return lastRun?.isNew === true && lastRun.state === 'succeeded'
    case 'StatefulSet':
    case 'DaemonSet':
      return pending === undefined && updated >= wantedNew(seen) && available >= desired
    case 'Deployment':
    case undefined:
      return updated >= desired && total <= updated && available >= updated
  }
}

export function completeWords(seen: RolloutObservation): string {
  const { kind, desired, available, lastRun } = seen
  if (kind === 'CronJob') return `run ${lastRun?.name} of the new template succeeded`
  if (desired === 0) return 'no pods are wanted'
  const wanted = wantedNew(seen)
  return wanted < desired
    ? `${wanted} of ${desired} pods are new and all are available; the partition keeps the others as they are`
    : `${available} of ${desired} new pods available`
}

export const progressWords = (seen: RolloutObservation, readyNew: number): string =>
  seen.kind === 'CronJob' ? runWords(seen) : `${readyNew} of ${wantedNew(seen)} new pods ready`

function runWords({ lastRun, nextRunAt }: RolloutObservation): string {
  if (!lastRun?.isNew) return `no run of the new template yet${whenNext(nextRunAt)}`
  return `run ${lastRun.name} of the new template ${lastRun.state === 'running' ? 'goes on' : lastRun.state}`
}

const whenNext = (nextRunAt: number | undefined): string =>
  nextRunAt === undefined
    ? '; it is suspended, or its schedule tells no time'
    : `; the next one is due ${new Date(nextRunAt).toISOString()}`

/** Why the newest run of a CronJob's new template failed; undefined unless it did, and began at `since` (epoch ms) or later. */
export function runFailed({ lastRun }: RolloutObservation, since: number): string | undefined {
  if (!lastRun?.isNew || lastRun.state !== 'failed' || lastRun.createdAt < since) return undefined
  return `run ${lastRun.name} failed${lastRun.reason ? `: ${lastRun.reason}` : ''}`
}

/**
 * What is left to the next run or pod, in words; undefined while there is something to wait for: new pods that `OnDelete`
 * has already brought become ready, and a run that goes on ends unless it is late.
 */
export function notYetRun(
  seen: RolloutObservation,
  fresh: readonly PodObservation[],
  isLate: boolean,
): string | undefined {
  const { kind, pending, desired, updated, lastRun, nextRunAt } = seen
  if (kind === 'CronJob') {
    if (!lastRun?.isNew || lastRun.state === 'failed') return `its next run uses the new template${whenNext(nextRunAt)}`
    return isLate ? `run ${lastRun.name} of the new template has not ended yet` : undefined
  }
  if (pending !== 'pod' || !fresh.every(({ ready }) => ready)) return undefined
  return `${desired - updated} of ${desired} pods run the old template until they are made anew (OnDelete)`
}
