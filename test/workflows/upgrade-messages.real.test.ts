import { WorkflowUpdateFailedError } from '@temporalio/client'
import { RawValue } from '@temporalio/common'
import { approveSignal, approveUpdate, rejectSignal, statusQuery, supersedeSignal } from '../../src/workflows/messages'
import { openScenario, planned, reaches, scriptedActivities, type Scenario, yes } from '../support/upgrade-scenario'

let scenario: Scenario
beforeAll(async () => {
  scenario = await openScenario()
})
afterAll(() => scenario.close())

/** A payload as a client of another kind might send it, past our converter. */
const rawPayload = (encoding: string, data: string) =>
  RawValue.fromPayload({ metadata: { encoding: Buffer.from(encoding) }, data: Buffer.from(data) })

test('an approval sent while no worker is up is found', async () => {
  const { activities } = scriptedActivities()
  const first = await scenario.worker(activities)
  const handle = await first.runUntil(async () => {
    const started = await scenario.start()
    await reaches(started, 'approval')
    return started
  })
  await handle.signal(approveSignal, yes)
  const second = await scenario.worker(activities)
  await expect(second.runUntil(() => handle.result())).resolves.toMatchObject({ outcome: 'succeeded' })
})

test('a question that nobody answers expires, and nothing was touched', async () => {
  const { activities, calls } = scriptedActivities()
  await expect(scenario.run(activities)).resolves.toMatchObject({ outcome: 'expired' })
  expect(calls).toEqual(['plan'])
})

test('a rejection ends it with the name and the reason', async () => {
  const { activities, calls } = scriptedActivities()
  const status = await scenario.run(activities, (handle) =>
    reaches(handle, 'approval').then(() => handle.signal(rejectSignal, { ...yes, reason: 'month end' })),
  )
  expect(status).toMatchObject({ outcome: 'rejected', message: 'rejected by ops@example.org: month end' })
  expect(calls).toEqual(['plan'])
})

describe('bad messages', () => {
  const junk: [string, unknown[]][] = [
    ['no input', []],
    ['null', [null]],
    ['a string', ['yes please']],
    ['an array', [[1, 2]]],
    ['a number', [7]],
    ['the wrong shape', [{ by: { name: 'x' }, planHash: 12 }]],
    ['a megabyte', [{ by: 'x'.repeat(1_000_000), planHash: 'zz' }]],
    ['an encoding that nobody knows', [rawPayload('binary/from-elsewhere', '\u0000\u0001')]],
    ['half a JSON', [rawPayload('json/plain', '{"by":"an')]],
  ]
  test.each(junk)('%s, in every phase: the upgrade goes on', async (_name, args) => {
    const { activities } = scriptedActivities()
    const status = await scenario.run(activities, async (handle) => {
      for (const name of ['approve', 'reject', 'abort', 'supersede']) await handle.signal(name, ...args)
      await reaches(handle, 'approval')
      for (const name of ['approve', 'reject', 'abort', 'supersede']) await handle.signal(name, ...args)
      await handle.signal(approveSignal, yes)
      await handle.signal('approve', ...args)
    })
    expect(status).toMatchObject({ outcome: 'succeeded' })
  })

  test('another plan hash, a second approval and one after the end are refused with the reason', async () => {
    const { activities } = scriptedActivities()
    await scenario.run(activities, async (handle) => {
      await reaches(handle, 'approval')
      const other = handle.executeUpdate(approveUpdate, { args: [{ by: 'ana', planHash: 'ffffffffffff' }] })
      await expect(other).rejects.toThrow(WorkflowUpdateFailedError)
      await other.catch((error: WorkflowUpdateFailedError) =>
        expect(error.cause?.message).toContain('the plan is abcdef123456, not ffffffffffff'),
      )
      await handle.signal(approveSignal, { by: 'ana', planHash: 'ffffffffffff' })
      await expect(handle.executeUpdate(approveUpdate, { args: [yes] })).resolves.toMatchObject({ accepted: true })
      await handle.signal(approveSignal, yes)
      const status = await handle.query(statusQuery)
      expect(status.refusals.map(({ reason }) => reason)).toEqual([
        expect.stringContaining('the plan is abcdef123456, not ffffffffffff'),
        expect.stringMatching(/already approved|already being carried out|has ended/),
      ])
    })
  })
})

test('a no counts also where no approval is asked for', async () => {
  const opensAt = (await scenario.env.currentTimeMs()) + 86_400_000
  const { activities, calls } = scriptedActivities({
    plan: () => Promise.resolve({ kind: 'planned', plan: { ...planned, approvalRequired: false } }),
    window: () => Promise.resolve({ kind: 'closed', opensAt, because: 'window' }),
  })
  const status = await scenario.run(activities, (handle) =>
    reaches(handle, 'window').then(() => handle.signal(rejectSignal, { ...yes, reason: 'not on Friday' })),
  )
  expect(status).toMatchObject({ outcome: 'rejected', message: 'rejected by ops@example.org: not on Friday' })
  expect(calls).not.toContain('preflight')
})

test('a newer candidate voids a plan that waits; the same one does not', async () => {
  const { activities } = scriptedActivities()
  const status = await scenario.run(activities, async (handle) => {
    await reaches(handle, 'approval')
    await handle.signal(supersedeSignal, { tag: 'v1.0.1', digest: planned.digest })
    expect((await handle.query(statusQuery)).outcome).toBeUndefined()
    await handle.signal(supersedeSignal, { tag: 'v1.0.2', digest: `sha256:${'2'.repeat(64)}` })
  })
  expect(status).toMatchObject({ outcome: 'superseded', message: 'v1.0.2 is newer' })
})
