import {
  ChildWorkflowCancellationType,
  continueAsNew,
  getExternalWorkflowHandle,
  isCancellation,
  log,
  ParentClosePolicy,
  patched,
  setHandler,
  startChild,
  workflowInfo,
} from '@temporalio/workflow'
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common'
import type { Observed, ScanSummary, UpgradeInput } from '../activities/contracts'
import { upgradeWorkflowId } from '../domain/temporal-names'
import { scanProgressQuery, supersedeSignal, type ScanProgress } from './messages'
import { scanning } from './proxies'
import { upgrade } from './upgrade'

export type ScanResult = Omit<ScanSummary, 'start'> & { started: string[] }

/** What a scan takes along when it continues as new. */
export interface ScanInput {
  /** repositories, where only they are asked */
  only?: string[]
  /** where an earlier run of this scan has come to */
  underway?: Observed & { scanId: string; done: number[]; failed?: number[] }
}

/** A run's history stays small however large the hub is. */
const batchesPerRun = 100
/** While one batch of a host is being kept, another one is read. */
export const lanesPerHost = 2

/** Looks at cluster and registries, decides, and starts or refreshes one upgrade per service that may move. */
export async function scan(input: ScanInput = {}): Promise<ScanResult> {
  const { start, ...seen } = patched('scan-in-batches')
    ? await lookAndDecide(input)
    : await scanning.scanHub({ scanId: workflowInfo().workflowId })
  const started: string[] = []
  for (const each of start) if (await startUpgrade(each)) started.push(`${each.namespace}/${each.service}`)
  return { ...seen, started }
}

/** Observe once, then ask the registries batch by batch, each host at its own pace, then conclude. */
async function lookAndDecide({ only, underway }: ScanInput): Promise<ScanSummary> {
  // A scan of a few repositories has one workflow id for all of its runs.
  const { workflowId, runId } = workflowInfo()
  const scanId = underway?.scanId ?? (only ? `${workflowId}/${runId}` : workflowId)
  const observed = underway ?? (await scanning.observe({ scanId, ...(only ? { only } : {}) }))
  const { startedAt, batches } = observed
  const done = new Set(underway?.done)
  const failed = [...(underway?.failed ?? [])]
  setHandler(scanProgressQuery, () => progressOf(batches, done))

  const open = batches.filter(({ position }) => !done.has(position))
  const queues = new Map<string, number[]>()
  for (const { host, position } of open) queues.set(host, [...(queues.get(host) ?? []), position])
  let budget = batchesPerRun
  const decideAll = async (queue: number[]): Promise<void> => {
    for (let position = queue.shift(); position !== undefined && budget > 0; position = queue.shift()) {
      budget -= 1
      try {
        await scanning.decideBatch({ scanId, position })
      } catch (error) {
        if (isCancellation(error)) throw error
        // One host that can't be read must not keep the hub from hearing of the others.
        log.warn('a batch was given up; its services keep their last decision', { position, error: String(error) })
        failed.push(position)
      }
      done.add(position)
    }
  }
  const lanes = [...queues.values()].flatMap((queue) => Array.from({ length: lanesPerHost }, () => decideAll(queue)))
  await Promise.all(lanes)
  if (done.size < batches.length)
    await continueAsNew<typeof scan>({
      ...(only ? { only } : {}),
      underway: { scanId, startedAt, batches, done: [...done], failed },
    })
  return scanning.concludeScan({ scanId, ...(only ? { only } : {}), startedAt, batches, failed })
}

function progressOf(batches: Observed['batches'], done: ReadonlySet<number>): ScanProgress {
  const hosts: ScanProgress['hosts'] = {}
  for (const { host, position, repositories } of batches) {
    if (host === '') continue
    const of = (hosts[host] ??= { done: 0, repositories: 0 })
    of.repositories += repositories
    if (done.has(position)) of.done += repositories
  }
  return { hosts }
}

/** The workflow id is the lock: one that runs is told of the candidate instead, and decides for itself. */
async function startUpgrade(input: UpgradeInput): Promise<boolean> {
  const workflowId = upgradeWorkflowId(input.namespace, input.service)
  try {
    await startChild(upgrade, {
      workflowId,
      args: [input],
      parentClosePolicy: ParentClosePolicy.ABANDON,
      cancellationType: ChildWorkflowCancellationType.ABANDON,
      staticSummary: `${input.namespace}/${input.service} to ${input.candidate.tag}`,
    })
    return true
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error
  }
  try {
    await getExternalWorkflowHandle(workflowId).signal(supersedeSignal, input.candidate)
  } catch {
    // It ended between the two calls: the next scan starts it.
  }
  return false
}
