import {
  ChildWorkflowCancellationType,
  getExternalWorkflowHandle,
  ParentClosePolicy,
  startChild,
  workflowInfo,
} from '@temporalio/workflow'
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common'
import type { ScanSummary, UpgradeInput } from '../activities/contracts'
import { supersedeSignal, upgradeWorkflowId } from './messages'
import { scanning } from './proxies'
import { upgrade } from './upgrade'

/** Looks at cluster and registries, decides, and starts or refreshes one upgrade per service that may move. */
export async function scan(): Promise<Omit<ScanSummary, 'start'> & { started: string[] }> {
  const { start, ...seen } = await scanning.scanHub({ scanId: workflowInfo().workflowId })
  const started: string[] = []
  for (const input of start) if (await startUpgrade(input)) started.push(`${input.namespace}/${input.service}`)
  return { ...seen, started }
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
