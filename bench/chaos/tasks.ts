import { createRequire } from 'node:module'
import type { Worker } from '@temporalio/worker'
import type { Switch } from './switch'

interface Core {
  pollWorkflowActivation: () => Promise<Uint8Array>
  completeWorkflowActivation: (completion: Uint8Array) => Promise<void>
}

interface Decoded {
  runId: string
  jobs?: { initializeWorkflow?: { workflowType?: string }; removeFromCache?: object }[]
}

/** A worker gets and answers tasks of workflows of this type. */
export const taskStep = (workflowType: string): string => `workflow-task-${workflowType}`

const { coresdk } = createRequire(require.resolve('@temporalio/worker'))('@temporalio/proto') as {
  coresdk: {
    workflow_activation: { WorkflowActivation: { decode(bytes: Uint8Array): Decoded } }
    workflow_completion: { WorkflowActivationCompletion: { decodeDelimited(bytes: Uint8Array): Decoded } }
  }
}

/**
 * The points of workflow tasks: `before`, a worker has got a task and run nothing of it; `after`, it has run and its answer
 * is not sent. A task has no effect of its own in between.
 */
export function watchTasks(worker: Worker, chaos: Switch): void {
  const core = (worker as unknown as { nativeWorker: Core }).nativeWorker
  const types = new Map<string, string>()
  const poll = core.pollWorkflowActivation
  core.pollWorkflowActivation = async () => {
    const bytes = await poll()
    const { runId, jobs = [] } = coresdk.workflow_activation.WorkflowActivation.decode(new Uint8Array(bytes))
    for (const { initializeWorkflow } of jobs)
      if (initializeWorkflow?.workflowType) types.set(runId, initializeWorkflow.workflowType)
    const type = types.get(runId)
    const isWork = jobs.some(({ removeFromCache }) => !removeFromCache)
    if (type && isWork) chaos.reach({ step: taskStep(type), when: 'before' })
    return bytes
  }
  const complete = core.completeWorkflowActivation
  core.completeWorkflowActivation = (completion) => {
    const { runId } = coresdk.workflow_completion.WorkflowActivationCompletion.decodeDelimited(
      new Uint8Array(completion),
    )
    const type = types.get(runId)
    if (type) chaos.reach({ step: taskStep(type), when: 'after' })
    return complete(completion)
  }
}
