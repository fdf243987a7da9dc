import { ApplicationFailure } from '@temporalio/common'
import type { Activities } from '../../src/activities'
import type { ScanScope } from '../../src/activities/contracts'
import { hintedScanId, hintsWorkflowId } from '../../src/domain/temporal-names'
import { hintSignal } from '../../src/workflows/messages'
import type { hints } from '../../src/workflows/hints'
import { batchesOf, latch, when, withWorker } from '../support/scan-scenario'
import { openScenario, scriptedActivities, type Scenario } from '../support/upgrade-scenario'

let scenario: Scenario
beforeAll(async () => {
  scenario = await openScenario()
})
afterAll(() => scenario.close())

/** As `refit server` does it: the workflow is started unless it runs. */
const hint = (taskQueue: string, repositories: unknown) =>
  scenario.env.client.workflow.signalWithStart<typeof hints, [unknown]>('hints', {
    ...{ workflowId: hintsWorkflowId, taskQueue, args: [], signal: hintSignal, signalArgs: [repositories] },
  })

/** Notes what is scanned; `observing` may hold a scan or fail it. */
function hubOf(observing: (only: string[]) => Promise<void> = () => Promise.resolve()) {
  const scopes: (Partial<ScanScope> | undefined)[] = []
  const script: Partial<Activities> = {
    async observe({ scanId, only = [] }) {
      scopes.push({ scanId, only })
      await observing(only)
      return { startedAt: 0, batches: batchesOf(['a']) }
    },
  }
  const { activities, calls } = scriptedActivities(script)
  return { activities, calls, scopes, scanned: () => scopes.map((scope) => scope?.only) }
}

test('what comes while a scan runs is scanned next, together, whatever else is sent', async () => {
  const gate = latch()
  const hub = hubOf((only) => (only.includes('r/first') ? gate.opens() : Promise.resolve()))
  await withWorker(scenario, hub.activities, async (taskQueue) => {
    const handle = await hint(taskQueue, ['r/first'])
    await when(() => gate.waiting > 0)
    const nonsense = [null, 'r/x', 7, { repositories: ['r/x'] }, []]
    for (const sent of [['r/b', 'r/a'], ...nonsense, ['r/a', null, 8, ['r/x'], 'r/c']]) await hint(taskQueue, sent)
    expect(hub.scanned()).toEqual([['r/first']])
    gate.open()
    await handle.result()
  })
  expect(hub.scopes).toEqual([
    { scanId: expect.stringContaining(`${hintedScanId}/`), only: ['r/first'] },
    { scanId: expect.stringContaining(`${hintedScanId}/`), only: ['r/a', 'r/b', 'r/c'] },
  ])
  expect(hub.calls).toEqual(['batch 0', 'conclude', 'batch 0', 'conclude'])
})

test('a flood is cut at a thousand repositories: a whole scan sees the others', async () => {
  const hub = hubOf()
  await withWorker(scenario, hub.activities, async (taskQueue) => {
    const flood = Array.from({ length: 5_000 }, (_, i) => `registry.example.org/hub/service-${i}`)
    await (await hint(taskQueue, flood)).result()
  })
  expect(hub.scanned()).toHaveLength(1)
  expect(hub.scanned()[0]).toHaveLength(1_000)
})

test('nothing but nonsense scans nothing', async () => {
  const hub = hubOf()
  await withWorker(scenario, hub.activities, async (taskQueue) => {
    await (await hint(taskQueue, { evil: true })).result()
  })
  expect(hub.scopes).toEqual([])
})

test('a scan that fails does not keep the next hints from being scanned', async () => {
  const gate = latch()
  const hub = hubOf(async (only) => {
    if (!only.includes('r/bad')) return
    await gate.opens()
    throw ApplicationFailure.nonRetryable('the cluster is away')
  })
  await withWorker(scenario, hub.activities, async (taskQueue) => {
    const handle = await hint(taskQueue, ['r/bad'])
    await when(() => gate.waiting > 0)
    await hint(taskQueue, ['r/good'])
    gate.open()
    await handle.result()
  })
  expect(hub.scanned()).toEqual([['r/bad'], ['r/good']])
})
