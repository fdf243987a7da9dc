import { Context } from '@temporalio/activity'
import { abortSignal, approveSignal } from '../../src/workflows/messages'
import { when } from '../support/scan-scenario'
import {
  failed,
  healthy,
  openScenario,
  planned,
  reaches,
  scriptedActivities,
  type Scenario,
  yes,
} from '../support/upgrade-scenario'

let scenario: Scenario
beforeAll(async () => {
  scenario = await openScenario()
})
afterAll(() => scenario.close())

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
    'window',
    'migrate 0',
    'window',
    'rollout ledger',
    'window',
    'rollout ledger-consumer',
    'bake',
  ])
  expect(entries.map(({ key }) => key)).toEqual([
    'approval',
    'said/1',
    'preflight',
    'expand',
    'rollout',
    'bake',
    'ended',
  ])
  expect(entries[1]).toMatchObject({ kind: 'approved', by: 'ops@example.org', verified: false })
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

describe('a plan that prepares for old pods that are made anew', () => {
  const prepares = { kind: 'planned' as const, plan: { ...planned, prepare: planned.workloads } }
  const run = async (script: Parameters<typeof scriptedActivities>[0]) => {
    const scripted = scriptedActivities({ plan: () => Promise.resolve(prepares), ...script })
    const status = await scenario.run(scripted.activities, (handle) =>
      reaches(handle, 'approval').then(() => handle.signal(approveSignal, yes)),
    )
    return { ...scripted, status, steps: scripted.calls.filter((call) => call !== 'window') }
  }

  test('rolls the old application with new init containers before its migrations', async () => {
    const { status, steps, entries } = await run({})
    expect(status).toMatchObject({ outcome: 'succeeded' })
    expect(steps.slice(1, 5)).toEqual(['prepare ledger', 'prepare ledger-consumer', 'migrate 0', 'rollout ledger'])
    expect(entries.find(({ key }) => key === 'expand')?.message).toBe(
      'prepare ledger, then prepare ledger-consumer, then run migrate in v1.0.1',
    )
  })

  test('puts back only what it touched, and each of them once', async () => {
    const first = await run({ prepare: () => Promise.resolve(failed('the migration fails')) })
    expect(first.status).toMatchObject({ outcome: 'rolled-back', message: 'the migration fails' })
    expect(first.calls.filter((call) => /migrate|rollback/.test(call))).toEqual(['rollback ledger'])
    const last = await run({ bake: () => Promise.resolve(failed('sick')) })
    expect(last.calls.filter((call) => call.startsWith('rollback'))).toEqual([
      'rollback ledger-consumer',
      'rollback ledger',
    ])
  })
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
    expect(calls.filter((call) => !call.startsWith('diagnose')).at(-1)).toBe('quarantine')
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
  const undone = calls.filter((call) => !call.startsWith('diagnose'))
  expect(undone.slice(-3)).toEqual(['rollback ledger-consumer', 'rollback ledger', 'quarantine'])
  expect(status).toMatchObject({
    outcome: 'held',
    message: 'sick; putting it back failed: ledger-consumer: will not start',
  })
})

describe('stopping it', () => {
  const underway = { rollout: false }
  const untilCancelled = async (): Promise<never> => {
    underway.rollout = true
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
    underway.rollout = false
    const { activities, calls } = scriptedActivities({ rollout: untilCancelled })
    const status = await scenario.run(activities, async (handle) => {
      await reaches(handle, 'approval')
      await handle.signal(approveSignal, yes)
      await when(() => underway.rollout)
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

test('an upgrade that ends without a plan is told to a person', async () => {
  const { activities, calls } = scriptedActivities({
    plan: () => Promise.resolve({ kind: 'refused', reason: 'no policy selects it' }),
  })
  await expect(scenario.run(activities)).resolves.toMatchObject({ outcome: 'refused', message: 'no policy selects it' })
  expect(calls).toEqual(['unplanned refused'])
})

test('a failed step is looked at while it is undone, and an upgrade ends well without that', async () => {
  let looked: unknown
  const script = scriptedActivities({
    rollout: () => Promise.resolve({ ...failed('it crashes'), workload: 'ledger' }),
    diagnose: (asked) => {
      looked = asked
      return Promise.reject(new Error('nothing to see'))
    },
  })
  const status = await scenario.run(script.activities, (handle) =>
    reaches(handle, 'approval').then(() => handle.signal(approveSignal, yes)),
  )
  expect(status).toMatchObject({ outcome: 'rolled-back', phase: 'rollback' })
  expect(looked).toMatchObject({ phase: 'rollout', verdict: { kind: 'failed', workload: 'ledger' } })
  expect(script.calls).toContain('rollback ledger')
})
