import { serviceNames } from './config'
import type { ChaosHub } from './hub'

/** For whoever has to find out why: where everything stands. */
export async function standing({ hub, temporal }: ChaosHub): Promise<string[]> {
  const lines: string[] = []
  try {
    for (const name of serviceNames) {
      const rows = await hub.store.upgrades.list({ namespace: name, service: name, limit: 2 })
      const decision = await hub.store.decisions.read({ namespace: name, service: name })
      const said = rows.map(({ toTag, phase, outcome, message }) => `${toTag} ${outcome ?? phase} (${message})`)
      lines.push(`${name}: ${said.join(', ') || 'no upgrade'}; ${decision?.kind}: ${decision?.reason}`)
    }
    const open = temporal.workflow.list({ query: `ExecutionStatus = 'Running'` })
    for await (const { workflowId } of open) {
      const { raw } = await temporal.workflow.getHandle(workflowId).describe()
      const pending = raw.pendingActivities?.map(
        (each) =>
          `${each.activityType?.name} attempt ${each.attempt}: ${each.lastFailure?.message ?? ''} ${each.lastFailure?.cause?.message ?? ''}`,
      )
      lines.push(`${workflowId} is open; ${pending?.join('; ')} ${raw.pendingWorkflowTask ? 'pending task' : ''}`)
    }
  } catch (error) {
    lines.push(String(error))
  }
  return lines
}
