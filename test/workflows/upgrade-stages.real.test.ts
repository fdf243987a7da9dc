import { abortSignal, approveSignal, statusQuery } from '../../src/workflows/messages'
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

const staged = { kind: 'planned' as const, plan: { ...planned, expand: [], stages: ['canary', '50 %'] } }
type Act = Parameters<Scenario['run']>[1]

async function runs(script: Parameters<typeof scriptedActivities>[0], act?: Act) {
  const scripted = scriptedActivities({ plan: () => Promise.resolve(staged), ...script })
  const bakes = scripted.activities.bake
  const { calls } = scripted
  if (!script?.bake)
    scripted.activities.bake = async (key) => {
      const verdict = await bakes(key)
      if (key.stage !== undefined) calls.splice(-1, 1, `watch ${key.workload?.name} ${key.stage}`)
      return verdict
    }
  const status = await scenario.run(scripted.activities, async (handle) => {
    await reaches(handle, 'approval')
    await handle.signal(approveSignal, yes)
    await act?.(handle)
  })
  return { ...scripted, status, steps: calls.filter((call) => /canary|watch|rollout|rollback|bake/.test(call)) }
}

test('each workload stands still in each stage, is watched there, and goes on', async () => {
  const { status, steps } = await runs({})
  expect(status).toMatchObject({ outcome: 'succeeded' })
  expect(steps).toEqual([
    ...['canary ledger 0', 'watch ledger 0', 'canary ledger 1', 'watch ledger 1', 'rollout ledger'],
    ...['canary ledger-consumer 0', 'watch ledger-consumer 0', 'canary ledger-consumer 1', 'watch ledger-consumer 1'],
    ...['rollout ledger-consumer', 'bake'],
  ])
})

test('where it does not stand still nothing is watched', async () => {
  const { steps } = await runs({ canary: () => Promise.resolve(healthy) })
  expect(steps).toEqual(['rollout ledger', 'rollout ledger-consumer', 'bake'])
})

test.each([
  ['its first new pod does', { canary: () => Promise.resolve(failed('crash loop')) }],
  ['its watch does', { bake: () => Promise.resolve(failed('pod says DOWN')) }],
])('fails when %s, and only what was touched is put back', async (_, script) => {
  const { status, calls } = await runs(script)
  expect(status).toMatchObject({ outcome: 'rolled-back' })
  expect(calls.filter((call) => /rollout|rollback|quarantine/.test(call))).toEqual(['rollback ledger', 'quarantine'])
})

test('health that nobody can read holds it where it stands', async () => {
  const unknown = { kind: 'unknown' as const, reason: 'health-unreadable', sentence: 'nobody can tell' }
  const { status, calls } = await runs({ bake: () => Promise.resolve(unknown) })
  expect(status).toMatchObject({ outcome: 'held', message: 'nobody can tell' })
  expect(calls.filter((call) => call.startsWith('rollback'))).toEqual([])
})

test('a pause holds it after the stage that it is in, and an abort there puts it back', async () => {
  let watched = 0
  const { status, calls } = await runs(
    {
      bake: async () => {
        watched++
        await when(() => said)
        return healthy
      },
    },
    async (handle) => {
      await when(() => watched === 1)
      await handle.signal('pause', { by: 'ana' })
      said = true
      for (;;) if ((await handle.query(statusQuery)).waitingFor.includes('ana')) break
      await handle.signal(abortSignal, { by: 'ana', reason: 'smoke' })
    },
  )
  expect(status).toMatchObject({ outcome: 'aborted' })
  expect(watched).toBe(1)
  expect(calls.filter((call) => /canary|rollout|rollback/.test(call))).toEqual(['canary ledger 0', 'rollback ledger'])
})
let said = false

test('a resume goes on to the next stage', async () => {
  let watched = 0
  const { status } = await runs(
    {
      bake: async () => {
        watched++
        if (watched === 1) await when(() => paused)
        return healthy
      },
    },
    async (handle) => {
      await when(() => watched === 1)
      await handle.signal('pause', { by: 'ana' })
      paused = true
      for (;;) if ((await handle.query(statusQuery)).waitingFor.includes('ana')) break
      await handle.signal('resume', { by: 'ana' })
    },
  )
  expect(status).toMatchObject({ outcome: 'succeeded' })
})
let paused = false

test('what is put back but can not be proven before its next run is held', async () => {
  const later = {
    kind: 'unknown' as const,
    reason: 'not-yet-run',
    sentence: 'not yet run: its next run is due at 03:00',
  }
  const { status, calls } = await runs({
    canary: () => Promise.resolve(healthy),
    bake: () => Promise.resolve(failed('sick')),
    rollback: ({ workload }) => Promise.resolve(workload.name === 'ledger' ? later : healthy),
  })
  expect(status).toMatchObject({
    outcome: 'held',
    message: 'sick; put back, but nobody can tell yet: ledger: not yet run: its next run is due at 03:00',
  })
  expect(calls.filter((call) => !call.startsWith('diagnose')).at(-1)).toBe('quarantine')
})
