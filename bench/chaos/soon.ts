import type { WorkflowInterceptors } from '@temporalio/workflow'

/** Half a minute of waiting per kill would prove nothing more. */
const heartbeatTimeout = '5s'

/** Has a dead worker's activities tried again after seconds; nothing else of a workflow is changed, and histories are as ever. */
export const interceptors = (): WorkflowInterceptors => ({
  outbound: [
    {
      scheduleActivity: (input, next) =>
        next({
          ...input,
          options: { ...input.options, ...(input.options.heartbeatTimeout ? { heartbeatTimeout } : {}) },
        }),
    },
  ],
})
