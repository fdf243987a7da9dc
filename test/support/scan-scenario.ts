import { randomUUID } from 'node:crypto'
import { Context } from '@temporalio/activity'
import { Worker } from '@temporalio/worker'
import type { Activities } from '../../src/activities'
import type { Observed } from '../../src/activities/contracts'
import { workflowSources } from '../../src/workflow-source'
import { type Scenario, workflowBundle } from './upgrade-scenario'

/** Batches of these hosts in turn, such as `a b a`; a batch has ten repositories. */
export const batchesOf = (hosts: readonly string[]): Observed['batches'] =>
  hosts.map((host, position) => ({ position, host, repositories: 10 }))

/** Runs a worker with these activities on a queue of its own while `act` goes on. */
export async function withWorker<T>(
  { env }: Scenario,
  activities: Activities,
  act: (taskQueue: string) => Promise<T>,
): Promise<T> {
  const taskQueue = randomUUID()
  const worker = await Worker.create({
    connection: env.nativeConnection,
    taskQueue,
    workflowBundle: await workflowBundle(),
    dataConverter: { payloadConverterPath: workflowSources.payloadConverterPath },
    activities,
  })
  return worker.runUntil(() => act(taskQueue))
}

/** What an activity waits for, heartbeating, until a test opens it. */
export function latch(): { opens(): Promise<void>; open(): void; waiting: number } {
  let isOpen = false
  const gate = {
    waiting: 0,
    open: () => void (isOpen = true),
    async opens() {
      gate.waiting += 1
      while (!isOpen) {
        Context.current().heartbeat()
        await Context.current().sleep(20)
      }
      gate.waiting -= 1
    },
  }
  return gate
}

/** Waits for a condition by asking. */
export async function when(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 20))
}
