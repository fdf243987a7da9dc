import type { Kubernetes, WorkloadRef } from '../clients/contracts'
import { stuckPods, undoVerdict } from '../domain/rollout-undo'
import { byRules, type Expected, type Judge } from './watch-workload'

/**
 * Judges the way back by the rules for any rollout. A StatefulSet is helped past pods of the undone revision that will
 * never be ready; a CronJob's next run is waited for if it comes in time.
 */
export function undoJudge(kubernetes: Kubernetes, namespace: string, workload: WorkloadRef, expected: Expected): Judge {
  const rules = byRules(expected)
  const deleted = new Set<string>()
  let dueAt: number | undefined
  return async (seen, before, now) => {
    if (stuckPods(seen).some(({ uid }) => uid !== undefined && !deleted.has(uid)))
      // A watch may be behind: a pod that serves by now is not deleted.
      for (const { name, uid } of stuckPods(await kubernetes.observeRollout(namespace, workload))) {
        if (uid === undefined || deleted.has(uid)) continue
        await kubernetes.deletePod(namespace, name, uid)
        deleted.add(uid)
      }
    const { verdict, memory } = await rules(seen, before, now)
    dueAt ??= seen.nextRunAt
    const { deadlineMs } = expected.rules
    return { verdict: undoVerdict(verdict, memory, { dueAt, deadlineMs, now }), memory }
  }
}
