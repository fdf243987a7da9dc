import { MockActivityEnvironment } from '@temporalio/testing'
import type { Entry } from '../../src/activities/contracts'
import type { Dependencies } from '../../src/activities/dependencies'
import { record } from '../../src/activities/record'
import type { Alert } from '../../src/domain/alerts'
import type { Diagnosis } from '../../src/domain/diagnosis'
import type { Outcome } from '../../src/domain/status'
import { config, plan, planHash } from '../operations/support'

/** Records the end of an upgrade; which repositories were asked to be scanned, and what was logged. */
async function end(outcome: Outcome, scanSoon?: () => Promise<void>) {
  const asked: string[][] = []
  const woken: string[] = []
  const warned: unknown[] = []
  const deps = {
    config,
    notifiers: [],
    store: {
      plans: { read: () => Promise.resolve(plan) },
      upgrades: { record: () => Promise.resolve(), events: () => Promise.resolve([]) },
      diagnoses: { list: () => Promise.resolve([]) },
      turns: { call: () => Promise.resolve([{ namespace: 'hub', service: 'quoting' }]) },
    },
    workflows: {
      scanSoon: scanSoon ?? ((repositories: string[]) => Promise.resolve(void asked.push(repositories))),
      signal: (id: string, name: string) => Promise.resolve(void woken.push(`${name} ${id}`)),
    },
    logger: { warn: (...said: unknown[]) => void warned.push(said) },
  } as unknown as Dependencies
  const entry: Entry = {
    ...{ upgradeId: `${planHash}-1`, planHash, key: 'ended', phase: 'bake', kind: 'ended', message: '', outcome },
  }
  await new MockActivityEnvironment().run(record(deps), entry)
  return { asked, warned, woken }
}

test.each<[Outcome, number]>([
  ['succeeded', 1],
  ['rolled-back', 1],
  ['rejected', 1],
  ['aborted', 1],
  // A scan would only start these again, and they would end again.
  ['refused', 0],
  ['expired', 0],
  ['superseded', 0],
  ['held', 0],
  ['up-to-date', 0],
])('after an upgrade that ended %s its repository is scanned soon: %d', async (outcome, times) => {
  expect((await end(outcome)).asked).toEqual(times === 0 ? [] : [[plan.service.repository]])
})

test('the end of one upgrade calls whoever waits for a turn', async () => {
  expect((await end('held')).woken).toEqual(['wake refit/upgrade/hub/quoting'])
})

test('a scan that can not be asked for changes nothing of what was recorded', async () => {
  const { warned } = await end('succeeded', () => Promise.reject(new Error('Temporal is away')))
  expect(JSON.stringify(warned)).toContain('Temporal is away')
})

test('after a failure the alert tells what was seen, and what was undone', async () => {
  const told: Alert[] = []
  const diagnosis: Diagnosis = {
    ...{ phase: 'bake', kind: 'failed', rule: 'restart', sentence: 'it restarted', at: '2026-12-01T10:00:00.000Z' },
    ...{ pods: [], unread: [] },
  }
  const events = ['ledger set back to v1.0.0', 'ledger-consumer set back to v1.0.0']
  const deps = {
    config: { ...config, alerts: [] },
    notifiers: [],
    store: {
      plans: { read: () => Promise.resolve(plan) },
      upgrades: {
        record: ({ tell }: { tell?: { alert: Alert } }) => Promise.resolve(void (tell && told.push(tell.alert))),
        events: () => Promise.resolve(events.map((message) => ({ kind: 'restored', message }))),
      },
      diagnoses: { list: () => Promise.resolve([diagnosis]) },
      turns: { call: () => Promise.resolve([]) },
    },
    workflows: { scanSoon: () => Promise.resolve() },
  } as unknown as Dependencies
  const entry: Entry = {
    ...{
      upgradeId: `${planHash}-1`,
      planHash,
      key: 'ended',
      phase: 'rollback',
      kind: 'ended',
      message: 'it restarted',
    },
    outcome: 'rolled-back',
  }
  await new MockActivityEnvironment().run(record(deps), entry)
  expect(told[0]?.text).toContain('Rule restart.')
  expect(told[0]?.text).toContain('Undone: ledger set back to v1.0.0; ledger-consumer set back to v1.0.0.')
})

describe('the end of an upgrade is counted', () => {
  const at = (seconds: number) => new Date(Date.now() - seconds * 1_000)
  async function counted({ events = [] as object[], before = undefined as object | undefined, fails = false } = {}) {
    const ends: object[] = []
    const warned: unknown[] = []
    const deps = {
      config,
      notifiers: [],
      store: {
        plans: { read: () => Promise.resolve(plan) },
        upgrades: {
          record: () => Promise.resolve(),
          recorded: () => Promise.resolve(before),
          events: () => (fails ? Promise.reject(new Error('away')) : Promise.resolve(events)),
        },
        diagnoses: { list: () => Promise.resolve([]) },
        turns: { call: () => Promise.resolve([]) },
      },
      workflows: { scanSoon: () => Promise.resolve() },
      logger: { warn: (...said: unknown[]) => void warned.push(said) },
      meter: { upgradeEnded: (each: object) => void ends.push(each) },
    } as unknown as Dependencies
    const entry: Entry = {
      ...{ upgradeId: `${planHash}-1`, planHash, key: 'ended', phase: 'bake', kind: 'ended', message: '' },
      outcome: 'succeeded',
    }
    await new MockActivityEnvironment().run(record(deps), entry)
    return { ends, warned }
  }

  test('with the seconds from preflight on', async () => {
    const events = [
      { phase: 'approval', at: at(9_000) },
      { phase: 'preflight', at: at(60) },
      { phase: 'rollout', at: at(50) },
    ]
    const { ends } = await counted({ events })
    expect(ends).toEqual([{ outcome: 'succeeded', phase: 'bake', seconds: expect.closeTo(60, 0) }])
  })

  test('without seconds where it ended before', async () => {
    expect((await counted()).ends).toEqual([{ outcome: 'succeeded', phase: 'bake' }])
  })

  test('once, however often it is recorded', async () => {
    expect((await counted({ before: {} })).ends).toEqual([])
  })

  test('or not, and the activity goes on, where the store fails just then', async () => {
    const { ends, warned } = await counted({ fails: true })
    expect(ends).toEqual([])
    expect(warned).toEqual([[{ error: 'away' }, 'the end of an upgrade was not measured']])
  })
})
