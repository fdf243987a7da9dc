import { randomUUID } from 'node:crypto'
import type { Activities } from '../../src/activities'
import type { Resumption, UpgradeInput } from '../../src/activities/contracts'
import type { upgrade } from '../../src/workflows/upgrade'
import { failed, input, openScenario, planned, type Scenario, scriptedActivities } from '../support/upgrade-scenario'

let scenario: Scenario
beforeAll(async () => {
  scenario = await openScenario()
})
afterAll(() => scenario.close())

const who = { by: 'ana', verified: true, reason: 'mended' }
const { upgradeId, planHash } = planned
const resume = (from: Resumption['from']) => ({ ...input, resume: { upgradeId, planHash, ...who, times: 2, from } })
const rollbackOf = { ...input, rollbackOf: { upgradeId: 'earlier-1', ...who } }

async function run(given: UpgradeInput, script: Partial<Activities> = {}) {
  const { activities, calls, entries } = scriptedActivities(script)
  const taskQueue = randomUUID()
  const worker = await scenario.worker(activities, taskQueue)
  const status = await worker.runUntil(() =>
    scenario.env.client.workflow.execute<typeof upgrade>('upgrade', {
      workflowId: `refit/upgrade/test/${randomUUID()}`,
      taskQueue,
      args: [given],
    }),
  )
  return { status, calls: calls.filter((call) => call !== 'window'), entries }
}

test('a rollback by hand asks nobody, is checked and watched, and leaves the version in quarantine', async () => {
  const { status, calls } = await run(rollbackOf)
  expect(status.outcome).toBe('succeeded')
  expect(calls).toEqual([
    ...['plan rollback', 'preflight', 'migrate 0', 'rollout ledger', 'rollout ledger-consumer', 'bake', 'quarantine'],
  ])
})

test('a rollback by hand that fails is put back, and blames no digest', async () => {
  const { status, calls } = await run(rollbackOf, { bake: () => Promise.resolve(failed('it is sick')) })
  expect(status.outcome).toBe('rolled-back')
  // The diagnosis runs beside the undo.
  expect(calls.filter((call) => !call.startsWith('diagnose')).slice(-2)).toEqual([
    'rollback ledger-consumer',
    'rollback ledger',
  ])
})

test('a rollback by hand that is refused changes nothing', async () => {
  const { status, calls } = await run(rollbackOf, {
    planRollback: () => Promise.resolve({ kind: 'refused', reason: 'the contract has begun' }),
  })
  expect(status).toMatchObject({ outcome: 'refused', message: 'the contract has begun' })
  expect(calls).toEqual(['unplanned refused'])
})

test('an upgrade that lost its workflow goes on after its checks, and keeps its record apart', async () => {
  const { status, calls, entries } = await run(resume('expand'))
  expect(status).toMatchObject({ outcome: 'succeeded', upgradeId })
  expect(calls).toEqual(['reopen at expand', 'migrate 0', 'rollout ledger', 'rollout ledger-consumer', 'bake'])
  expect(entries.every(({ key }) => key.startsWith('resumed/2/'))).toBe(true)
  expect(entries.at(-1)?.key).toBe('resumed/2/ended')
})

test('one that had not written anything is checked first', async () => {
  expect((await run(resume('preflight'))).calls.slice(0, 3)).toEqual(['reopen at preflight', 'preflight', 'migrate 0'])
})

test('one that is to be put back does nothing else, and nobody is blamed but who asked', async () => {
  const { status, calls } = await run(resume('rollback'))
  expect(status).toMatchObject({ outcome: 'aborted', message: 'aborted by ana: mended' })
  expect(calls).toEqual(['reopen at rollback', 'rollback ledger-consumer', 'rollback ledger'])
})

test('an undo that fails again is held again, with its reason', async () => {
  const { status } = await run(resume('rollback'), { rollback: () => Promise.resolve(failed('no quota')) })
  expect(status).toMatchObject({ outcome: 'held', heldReason: 'undo-failed' })
})
