import { diagnose } from '../../src/activities/diagnose'
import type { StepVerdict } from '../../src/activities/contracts'
import { RefitError } from '../../src/domain/errors'
import { observation, pod } from '../domain/fixtures'
import { key, run, type World, world } from './support'

const crashed = pod({
  ready: false,
  restarts: 2,
  waiting: [{ container: 'ledger', init: false, reason: 'CrashLoopBackOff', message: 'back-off 20s' }],
})
const verdict: StepVerdict = {
  ...{ kind: 'failed', reason: 'crash-loop', sentence: 'new-1 crashes', workload: 'ledger-api' },
  ...{ since: 1_000, at: 9_000 },
}

async function diagnosed(more: Partial<World>, said: StepVerdict = verdict) {
  const fake = world({ observe: () => observation({ pods: [crashed] }), ...more })
  await run(diagnose(fake.deps), { ...key, phase: 'rollout', verdict: said })
  return fake.diagnoses
}

test('keeps the rule, the time it took, and the log of the run that crashed, without secrets', async () => {
  const [diagnosis] = await diagnosed({
    podLog: (_pod, previous) => (previous ? 'starting\npassword=hunter2\nError: boom' : 'starting again'),
    warnings: [{ reason: 'BackOff', message: 'restarting, token=abc', count: 4, at: 1 }],
  })
  expect(diagnosis).toMatchObject({
    ...{ phase: 'rollout', kind: 'failed', rule: 'crash-loop', at: '1970-01-01T00:00:09.000Z', unread: [] },
    detected: { ms: 8_000, after: 'sign' },
    pods: [
      {
        ...{ workload: 'ledger-api', pod: 'new-1', container: 'ledger' },
        log: ['starting', 'password=***', 'Error: boom'],
        events: ['BackOff ×4: restarting, token=***'],
      },
    ],
  })
})

test('where no run before is left, the one of now is read', async () => {
  const [diagnosis] = await diagnosed({ podLog: (_pod, previous) => (previous ? '' : 'starting again') })
  expect(diagnosis?.pods[0]?.log).toEqual(['starting again'])
})

test('without a first sign the time is told from the patch', async () => {
  const events = new Map([
    [
      'patched/ledger-api',
      {
        ...{ upgradeId: key.upgradeId, at: new Date(2_000), phase: 'rollout' as const, kind: 'patched' },
        ...{ by: null, verified: false, message: '' },
      },
    ],
  ])
  const bare: StepVerdict = { kind: 'failed', reason: 'crash-loop', sentence: 'new-1 crashes', at: 9_000 }
  const expected = { ms: 7_000, after: 'change' }
  expect((await diagnosed({ events }, { ...bare, workload: 'ledger-api' }))[0]?.detected).toEqual(expected)
  expect((await diagnosed({ events }, bare))[0]?.detected).toEqual(expected)
  expect((await diagnosed({}, bare))[0]?.detected).toBeUndefined()
})

test('what can not be read is named, and the rest is kept', async () => {
  const away = new RefitError('KUBERNETES_UNAVAILABLE', 'The log is away.', 'Try again.')
  const [logless] = await diagnosed({ podLog: () => Promise.reject(away) })
  expect(logless).toMatchObject({ unread: ['The log is away. Try again.'], pods: [{ pod: 'new-1', log: [] }] })
  const [blind] = await diagnosed({ observe: () => Promise.reject(away) })
  expect(blind).toMatchObject({ rule: 'crash-loop', pods: [], unread: ['The log is away. Try again.'] })
})

test('a healthy verdict needs none', async () => {
  expect(await diagnosed({}, { ...verdict, kind: 'healthy' })).toEqual([])
})
