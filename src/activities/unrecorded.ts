import { Context } from '@temporalio/activity'
import { RefitError } from '../domain/errors'
import type { ServiceKey } from '../store/contracts'
import type { Outcome } from '../domain/status'
import { upgradeWorkflowId } from '../domain/temporal-names'
import { unrecordedAlert } from '../domain/unrecorded-alert'
import type { Entry, UpgradeInput } from './contracts'
import type { Dependencies } from './dependencies'
import { enqueue } from './enqueue'

/**
 * What can't be recorded because the store doesn't know the upgrade, such as after a restore from an older dump: its end
 * is told to a person, everything before it is an error. Throws what it was given where it is about something else.
 */
export async function tellUnrecorded(deps: Dependencies, entry: Entry, error: unknown): Promise<void> {
  const isUnknown = error instanceof RefitError && (error.code === 'PLAN_UNKNOWN' || error.code === 'UPGRADE_UNKNOWN')
  if (!isUnknown || entry.outcome === undefined) throw error
  const [, , namespace = '', ...service] = Context.current().info.workflowExecution?.workflowId.split('/') ?? []
  const { upgradeId, message } = entry
  const outcome: Outcome = entry.outcome
  await enqueue(
    deps,
    unrecordedAlert({ hub: deps.config.hub, namespace, service: service.join('/'), upgradeId, outcome, message }),
  )
}

/** A workflow that has just begun makes its plan, and one that has just ended is on its way out. */
const settledAfterMs = 600_000

/**
 * Cancels upgrades that wait for people or a window but that the store doesn't know: nobody could answer them, and as
 * long as they run no other begins. `wanted`: what the scan would start.
 */
export async function cancelUnrecorded(
  { store, workflows, logger }: Dependencies,
  wanted: readonly UpgradeInput[],
  open: readonly ServiceKey[],
): Promise<void> {
  if (wanted.length === 0) return
  const known = new Set(open.map(({ namespace, service }) => `${namespace}/${service}`))
  const listed = await workflows.listed('upgrade')
  for (const { namespace, service } of wanted) {
    const workflowId = upgradeWorkflowId(namespace, service)
    if (known.has(`${namespace}/${service}`) || !listed.has(workflowId)) continue
    const waiting = await workflows.waitingOf(workflowId)
    if (!waiting || !['approval', 'window'].includes(waiting.phase)) continue
    const now = (await store.scans.now()).getTime()
    const latest = await store.upgrades.latest({ namespace, service })
    const isRecent = latest && (latest.outcome === null || (latest.endedAt?.getTime() ?? 0) > now - settledAfterMs)
    if (isRecent) continue
    logger.warn({ workflowId }, 'the store does not know this upgrade; it is cancelled, and the next scan asks anew')
    await workflows.cancel(workflowId)
  }
}
