import { WorkflowUpdateFailedError } from '@temporalio/client'
import { Context } from '@temporalio/activity'
import { RawValue } from '@temporalio/common'
import {
  approveSignal,
  abortSignal,
  approveUpdate,
  rejectSignal,
  statusQuery,
  supersedeSignal,
} from '../../src/workflows/messages'
import {
  failed,
  healthy,
  openScenario,
  planned,
  reaches,
  scriptedActivities,
  type Scenario,
} from '../support/upgrade-scenario'

let scenario: Scenario
beforeAll(async () => {
  scenario = await openScenario()
}, 120_000)
afterAll(() => scenario.close())

/** A payload as a client of another kind might send it, past our converter. */
const rawPayload = (encoding: string, data: string) =>
  RawValue.fromPayload({ metadata: { encoding: Buffer.from(encoding) }, data: Buffer.from(data) })

const yes = { by: 'ops@example.org', planHash: planned.planHash }

test('an approved upgrade goes through every stage in order', async () => {
  const { activities, calls, entries } = scriptedActivities()
  const status = await scenario.run(activities, (handle) =>
    reaches(handle, 'approval').then(() => handle.signal(approveSignal, yes)),
  )
  expect(status).toMatchObject({ outcome: 'succeeded', phase: 'bake' })
  expect(calls).toEqual([
    'plan',
    'window',
    'preflight',
    'migrate 0',
    'rollout ledger',
    'rollout ledger-consumer',
    'bake',
  ])
  expect(entries.map(({ key }) => key)).toEqual([
    'approval',
    'approval/approved',
    'preflight',
    'expand',
    'rollout',
    'bake',
    'ended',
  ])
  expect(entries[1]).toMatchObject({ by: 'ops@example.org' })
})

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

test('an upgrade that waits three days for its window runs in seconds', async () => {
  const opensAt = (await scenario.env.currentTimeMs()) + 3 * 86_400_000
  const { activities, calls } = scriptedActivities({
    window: ({ now }) =>
      Promise.resolve(now >= opensAt ? { kind: 'open' } : { kind: 'closed', opensAt, because: 'window' }),
  })
  const status = await scenario.run(activities, (handle) =>
    handle
      .signal(approveSignal, yes)
      .then(() => reaches(handle, 'approval'))
      .then(() => handle.signal(approveSignal, yes)),
  )
  expect(status).toMatchObject({ outcome: 'succeeded' })
  expect(calls).toContain('bake')
  expect(await scenario.env.currentTimeMs()).toBeGreaterThanOrEqual(opensAt)
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

describe('a failed step puts back what was done, in reverse', () => {
  test.each([
    ['the migration', { migrate: () => Promise.resolve(failed('duplicate rows')) }, [], 'duplicate rows'],
    ['the first workload', { rollout: () => Promise.resolve(failed('crash loop')) }, ['rollback ledger'], 'crash loop'],
    [
      'the bake',
      { bake: () => Promise.resolve(failed('pod says DOWN')) },
      ['rollback ledger-consumer', 'rollback ledger'],
      'pod says DOWN',
    ],
  ])('%s', async (_name, script, undone, why) => {
    const { activities, calls, entries } = scriptedActivities(script)
    const status = await scenario.run(activities, (handle) =>
      reaches(handle, 'approval').then(() => handle.signal(approveSignal, yes)),
    )
    expect(status).toMatchObject({ outcome: 'rolled-back', message: why })
    expect(calls.filter((call) => call.startsWith('rollback'))).toEqual(undone)
    expect(calls.at(-1)).toBe('quarantine')
    expect(entries.at(-1)).toMatchObject({ key: 'ended', outcome: 'rolled-back' })
  })
})

test.each(['unknown', 'conflict'] as const)('a verdict %s holds the upgrade and touches nothing', async (kind) => {
  const { activities, calls } = scriptedActivities({
    bake: () => Promise.resolve({ kind, reason: 'x', sentence: 'nobody can tell' }),
  })
  const status = await scenario.run(activities, (handle) =>
    reaches(handle, 'approval').then(() => handle.signal(approveSignal, yes)),
  )
  expect(status).toMatchObject({ outcome: 'held', message: 'nobody can tell' })
  expect(calls.filter((call) => /rollback|quarantine/.test(call))).toEqual([])
})

test('an undo that fails does not stop the others, and a person is asked', async () => {
  const { activities, calls } = scriptedActivities({ bake: () => Promise.resolve(failed('sick')) })
  const original = activities.rollback
  activities.rollback = async (key) => (
    await original(key),
    key.workload.name === 'ledger-consumer' ? failed('will not start') : healthy
  )
  const status = await scenario.run(activities, (handle) =>
    reaches(handle, 'approval').then(() => handle.signal(approveSignal, yes)),
  )
  // Quarantined all the same: once repaired by hand, the digest must not come back by itself.
  expect(calls.slice(-3)).toEqual(['rollback ledger-consumer', 'rollback ledger', 'quarantine'])
  expect(status).toMatchObject({
    outcome: 'held',
    message: 'sick; putting it back failed: ledger-consumer: will not start',
  })
})

describe('stopping it', () => {
  const untilCancelled = async (): Promise<never> => {
    for (;;) {
      Context.current().heartbeat()
      await Context.current().sleep(50)
    }
  }
  test.each([
    [
      'an abort message',
      (handle: Parameters<typeof reaches>[0]) => handle.signal(abortSignal, { by: 'ana', reason: 'smoke' }),
      'aborted by ana: smoke',
    ],
    ['Cancel in the Web UI', (handle: Parameters<typeof reaches>[0]) => handle.cancel(), 'aborted by a cancel request'],
  ])('%s in the middle of a rollout rolls back', async (_name, stop, message) => {
    const { activities, calls } = scriptedActivities({ rollout: untilCancelled })
    const status = await scenario.run(activities, async (handle) => {
      await reaches(handle, 'approval')
      await handle.signal(approveSignal, yes)
      await reaches(handle, 'rollout')
      await stop(handle)
    })
    expect(status).toMatchObject({ outcome: 'aborted', message })
    expect(calls.filter((call) => call.startsWith('rollback'))).toEqual(['rollback ledger'])
    expect(calls).not.toContain('quarantine')
  })

  test('an abort while it waits touches nothing', async () => {
    const { activities, calls } = scriptedActivities()
    const status = await scenario.run(activities, (handle) =>
      reaches(handle, 'approval').then(() => handle.signal(abortSignal, { by: 'ana' })),
    )
    expect(status).toMatchObject({ outcome: 'aborted' })
    expect(calls).toEqual(['plan'])
  })
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
        expect.stringMatching(/already approved|has ended/),
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

test('an upgrade that ends without a plan is told to a person', async () => {
  const { activities, calls } = scriptedActivities({
    plan: () => Promise.resolve({ kind: 'refused', reason: 'no policy selects it' }),
  })
  await expect(scenario.run(activities)).resolves.toMatchObject({ outcome: 'refused', message: 'no policy selects it' })
  expect(calls).toEqual(['unplanned refused'])
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
