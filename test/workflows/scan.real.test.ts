import { randomUUID } from 'node:crypto'
import { ApplicationFailure } from '@temporalio/common'
import type { Activities } from '../../src/activities'
import type { Observed } from '../../src/activities/contracts'
import { scanProgressQuery } from '../../src/workflows/messages'
import type { scan } from '../../src/workflows/scan'
import { batchesOf, latch, when, withWorker } from '../support/scan-scenario'
import { openScenario, scriptedActivities, type Scenario } from '../support/upgrade-scenario'

let scenario: Scenario
beforeAll(async () => {
  scenario = await openScenario()
})
afterAll(() => scenario.close())

const start = (taskQueue: string) =>
  scenario.env.client.workflow.start<typeof scan>('scan', { workflowId: `refit/scan-${randomUUID()}`, taskQueue })

/** A hub with these batches; `decide` stands in for reading one. */
function hubOf(batches: Observed['batches'], decide: (position: number) => Promise<void> = () => Promise.resolve()) {
  const decided: number[] = []
  const concluded: Observed[] = []
  const script: Partial<Activities> = {
    observe: () => Promise.resolve({ startedAt: 7, batches }),
    async decideBatch({ position }) {
      await decide(position)
      decided.push(position)
      return 10
    },
    concludeScan: (observed) => {
      concluded.push(observed)
      return Promise.resolve({ complete: true, summary: 'all of it', start: [] })
    },
  }
  return { activities: scriptedActivities(script).activities, decided, concluded }
}

test('a host that hangs holds up no other, and everybody can see how far each is', async () => {
  const batches = batchesOf(['a', 'b', 'c', 'a', 'b', 'a'])
  const gate = latch()
  const hub = hubOf(batches, (position) => (position === 1 ? gate.opens() : Promise.resolve()))
  await withWorker(scenario, hub.activities, async (taskQueue) => {
    const handle = await start(taskQueue)
    await when(() => hub.decided.length === 5)
    await when(async () => (await handle.query(scanProgressQuery)).hosts.b?.done === 10)
    await when(async () => (await handle.query(scanProgressQuery)).hosts.a?.done === 30)
    expect(await handle.query(scanProgressQuery)).toEqual({
      hosts: {
        a: { done: 30, repositories: 30 },
        b: { done: 10, repositories: 20 },
        c: { done: 10, repositories: 10 },
      },
    })
    expect([...hub.decided].sort()).toEqual([0, 2, 3, 4, 5])
    expect(hub.concluded).toEqual([])
    gate.open()
    expect(await handle.result()).toEqual({ complete: true, summary: 'all of it', started: [] })
  })
  expect(hub.concluded).toMatchObject([{ startedAt: 7, batches }])
})

test('what is in no registry is decided on, but is no host whose progress is shown', async () => {
  const hub = hubOf(batchesOf(['', 'a']))
  await withWorker(scenario, hub.activities, async (taskQueue) => {
    const handle = await start(taskQueue)
    await handle.result()
    expect(await handle.query(scanProgressQuery)).toEqual({ hosts: { a: { done: 10, repositories: 10 } } })
  })
  expect([...hub.decided].sort()).toEqual([0, 1])
})

test('a large hub is scanned in runs of a hundred batches, and none is lost or read twice', async () => {
  const batches = batchesOf(Array.from({ length: 230 }, (_, i) => ['a', 'b', 'c'][i % 3] as string))
  const hub = hubOf(batches)
  const runs = await withWorker(scenario, hub.activities, async (taskQueue) => {
    const handle = await start(taskQueue)
    const { firstExecutionRunId, workflowId } = handle
    expect(await handle.result()).toMatchObject({ complete: true })
    const first = await scenario.env.client.workflow.getHandle(workflowId, firstExecutionRunId).fetchHistory()
    const last = await scenario.env.client.workflow.getHandle(workflowId).fetchHistory()
    return [first, last].map(
      ({ events }) => events?.filter((event) => event.activityTaskScheduledEventAttributes).length,
    )
  })
  expect([...hub.decided].sort((a, b) => a - b)).toEqual(batches.map(({ position }) => position))
  expect(hub.concluded).toMatchObject([{ startedAt: 7, batches }])
  // The first run observes once, the last concludes.
  expect(runs).toEqual([101, 31])
})

test('a batch that fails for good is given up, and it is told which; one that recovers is not', async () => {
  const failures = [ApplicationFailure.nonRetryable('wrong'), new Error('away'), new Error('away')]
  const tried: number[] = []
  const hub = hubOf(batchesOf(['a', 'b']), (position) => {
    if (position === 1) return Promise.resolve()
    tried.push(position)
    const failure = failures.shift()
    return failure ? Promise.reject(failure) : Promise.resolve()
  })
  await withWorker(scenario, hub.activities, async (taskQueue) => {
    await (await start(taskQueue)).result()
    expect(tried).toEqual([0])
    await (await start(taskQueue)).result()
  })
  expect(tried).toHaveLength(4)
  expect(hub.concluded).toMatchObject([{ failed: [0] }, { failed: [] }])
})
