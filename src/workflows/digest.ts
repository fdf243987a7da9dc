import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common'
import { workflowInfo } from '@temporalio/workflow'
import { quick } from './proxies'

/** When the Schedule meant a run to start, however late it starts. */
const scheduledStart = defineSearchAttributeKey('TemporalScheduledStartTime', SearchAttributeType.DATETIME)

/** Tells once how the hub stands: started by its Schedule at the times of `digestAt`, or by a person. */
export async function digest(): Promise<{ slot: string; told: boolean }> {
  const { workflowId, startTime, typedSearchAttributes } = workflowInfo()
  const dueAt = (typedSearchAttributes.get(scheduledStart) ?? startTime).getTime()
  return quick.digest.executeWithOptions({ summary: 'tell how the hub stands' }, [{ dueAt, run: workflowId }])
}
