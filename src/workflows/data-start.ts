import { ParentClosePolicy, patched, startChild } from '@temporalio/workflow'
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common'
import type { PlannedUpgrade, UpgradeInput } from '../activities/contracts'
import { data } from './data'
import { dataWorkflowId } from '../domain/temporal-names'
import { quick } from './proxies'
import { keyOf } from './upgrade-key'

/** Backfill and contract run on their own, so that a long one never blocks a later security fix. */
export async function startData(input: UpgradeInput, plan: PlannedUpgrade | undefined): Promise<void> {
  if (!plan?.hasDataPhases) return
  const key = keyOf(plan)
  if (patched('only-what-is-left')) {
    const left = await quick.dataLeft.executeWithOptions({ summary: 'is data left to do?' }, [key])
    if (!left.start) return
  }
  try {
    await startChild(data, {
      workflowId: dataWorkflowId(input.namespace, input.service),
      args: [key],
      parentClosePolicy: ParentClosePolicy.ABANDON,
      staticSummary: `backfill and contract of ${input.namespace}/${input.service} ${plan.to}`,
    })
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error
    const reason = `the data workflow of an earlier upgrade still runs; once it has ended: refit data start ${input.namespace}/${input.service}`
    await quick.pageData({ ...key, phase: 'backfill', reason })
  }
}
