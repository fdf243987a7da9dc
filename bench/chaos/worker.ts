/**
 * A Refit worker that dies where it is told to: Refit's own worker with its activities and its workflow tasks wrapped. The
 * harness builds it beside a copy of the sources (build.ts); nothing of it is part of Refit.
 *
 *     CHAOS_FOLDER=… node worker.js REFIT-YAML
 */
import { interceptWrites, watchEffects } from './effects'
interceptWrites()
import { Worker, type WorkerOptions } from '@temporalio/worker'
import type { createActivities } from '../../src/activities'
import { runWorker } from '../../src/worker'
import { Switch } from './switch'
import { watchTasks } from './tasks'

const chaos = new Switch(process.env.CHAOS_FOLDER ?? '')

type Activities = ReturnType<typeof createActivities>

/** Every activity with its three points. */
function withPoints(activities: Activities): Activities {
  const wrap =
    (step: string, activity: (...args: unknown[]) => Promise<unknown>) =>
    async (...args: unknown[]): Promise<unknown> => {
      chaos.reach({ step, when: 'before' })
      const result = await watchEffects(
        () => chaos.reach({ step, when: 'inside' }),
        () => activity(...args),
      )
      chaos.reach({ step, when: 'after' })
      return result
    }
  const entries = Object.entries(activities) as [string, (...args: unknown[]) => Promise<unknown>][]
  return Object.fromEntries(entries.map(([step, activity]) => [step, wrap(step, activity)])) as unknown as Activities
}

/** How soon Temporal gives a dead worker's tasks to the next one; Refit itself leaves the SDK's ten seconds. */
const soon = {
  stickyQueueScheduleToStartTimeout: '2s',
  maxHeartbeatThrottleInterval: '1s',
  // The second thread would only load the workflow code once more per kill.
  workflowThreadPoolSize: 1,
} as const

const create = Worker.create.bind(Worker)
Worker.create = async (options: WorkerOptions): Promise<Worker> => {
  const activities = withPoints(options.activities as Activities)
  const worker = await create({ ...options, activities, ...(process.env.CHAOS_SOON ? soon : {}) })
  watchTasks(worker, chaos)
  return worker
}

runWorker(process.env, { configFile: process.argv[2] ?? '' }).catch((error: unknown) => {
  console.error(error)
  process.exitCode = 1
})
