import { randomUUID } from 'node:crypto'
import type { Activities } from '../../src/activities'
import { statusQuery } from '../../src/workflows/messages'
import type { upgrade } from '../../src/workflows/upgrade'
import {
  failed,
  healthy,
  input,
  openScenario,
  planned,
  type Scenario,
  scriptedActivities,
} from '../support/upgrade-scenario'

let scenario: Scenario
beforeAll(async () => {
  scenario = await openScenario()
})
afterAll(() => scenario.close())

const before = [{ index: 0, title: 'backfill migrations/ledger' }]
const plan = { ...planned, approvalRequired: false, before }

const run = async (script: Partial<Activities>, more: object = {}) => {
  const made = scriptedActivities({
    plan: () => Promise.resolve({ kind: 'planned', plan: { ...plan, ...more } }),
    ...script,
  })
  return { ...made, status: await scenario.run(made.activities) }
}

test('a backfill before the rollout is done to its proof between expand and rollout', async () => {
  let pieces = 0
  const { status, calls, entries } = await run({
    backfill: () => {
      pieces += 1
      return Promise.resolve(pieces < 3 ? { ...healthy, more: true } : healthy)
    },
  })
  expect(status).toMatchObject({ outcome: 'succeeded' })
  expect(calls.filter((call) => call !== 'window')).toEqual([
    ...['preflight', 'migrate 0', 'rollout ledger', 'rollout ledger-consumer', 'bake'],
  ])
  expect(pieces).toBe(3)
  expect(entries.map(({ phase }) => phase)).toEqual(expect.arrayContaining(['expand', 'backfill', 'rollout', 'bake']))
})

test('one that fails ends the upgrade before anything is rolled; the expanded schema stays', async () => {
  const { status, calls } = await run({ backfill: () => Promise.resolve(failed('its proof still finds a row')) })
  expect(status).toMatchObject({ outcome: 'rolled-back', message: 'its proof still finds a row' })
  expect(calls.filter((call) => /^(rollout|rollback)/.test(call))).toEqual([])
})

test('a plan that meets a data workflow on its database waits until that one has ended', async () => {
  let looks = 0
  const because = 'data workflow of hub/ledger v1.0.0, which works on LEDGER_URL'
  const { status, entries } = await run({
    window: ({ start }) => {
      looks += start ? 1 : 0
      return Promise.resolve(
        start && looks < 3 ? { kind: 'closed', opensAt: null, cause: 'data', because } : { kind: 'open' },
      )
    },
  })
  expect(status).toMatchObject({ outcome: 'succeeded' })
  expect(entries.find(({ phase }) => phase === 'window')).toMatchObject({
    waitingFor: `the ${because}`,
    message: 'starts by itself once that one has ended',
  })
})

test.each([
  [true, 1],
  [false, 0],
])(
  'a data workflow is started where something is left to do: %s',
  async (start, started) => {
    const made = scriptedActivities({
      plan: () => Promise.resolve({ kind: 'planned', plan: { ...plan, hasDataPhases: true } }),
      dataLeft: () => Promise.resolve({ start }),
    })
    const taskQueue = randomUUID()
    const namespace = `ns-${taskQueue.slice(0, 8)}`
    const worker = await scenario.worker(made.activities, taskQueue)
    await worker.runUntil(async () => {
      const handle = await scenario.env.client.workflow.start<typeof upgrade>('upgrade', {
        workflowId: `refit/upgrade/test/${randomUUID()}`,
        ...{ taskQueue, args: [{ ...input, namespace }] },
      })
      await handle.result()
      const data = scenario.env.client.workflow.getHandle(`refit/data/${namespace}/ledger`)
      const found = await data.query(statusQuery).then(
        () => 1,
        () => 0,
      )
      expect(found).toBe(started)
      if (found > 0) await data.terminate()
    })
  },
  300_000,
)
