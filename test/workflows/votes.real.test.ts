import type { WorkflowHandle } from '@temporalio/client'
import type { Activities } from '../../src/activities'
import type { WindowAnswer } from '../../src/activities/contracts'
import type { PersonVerb } from '../../src/domain/approval-message'
import { statusQuery, wakeSignal, type Receipt } from '../../src/workflows/messages'
import type { upgrade } from '../../src/workflows/upgrade'
import { latch, when } from '../support/scan-scenario'
import { healthy, isBusy, openScenario, planned, reaches, type Scenario } from '../support/upgrade-scenario'
import { hour, planWith, runUpgrade, votingActivities } from '../support/vote-scenario'

type Handle = WorkflowHandle<typeof upgrade>

let scenario: Scenario
beforeAll(async () => {
  scenario = await openScenario()
})
afterAll(() => scenario.close())

const update = (handle: Handle, verb: PersonVerb, input: unknown) =>
  handle.executeUpdate<Receipt, [unknown]>(verb, { args: [input] })
const open: WindowAnswer = { kind: 'open' }
const frozen: WindowAnswer = { kind: 'closed', opensAt: null, because: 'freeze by ops: month end' }

test('two different people make a quorum; the same vote sent again, and again as an Update, is counted once', async () => {
  const { activities, cast, entries, calls } = votingActivities(planWith({ required: 2 }))
  const status = await runUpgrade(scenario, activities, async (handle) => {
    await reaches(handle, 'approval')
    const ann = cast('ann', 'approve')
    await handle.signal('approve', ann)
    await handle.signal('approve', ann)
    const again = { accepted: true, message: 'ann approved it; 1 of 2 approvals (ann)' }
    expect(await update(handle, 'approve', ann)).toEqual(again)
    expect(await update(handle, 'approve', cast('Ann', 'approve'))).toMatchObject({ accepted: false })
    const shown = await handle.query(statusQuery)
    expect(shown.waitingFor).toBe(`an approval of plan ${planned.planHash} (1 of 2)`)
    expect(shown.approval).toMatchObject({
      required: 2,
      approvals: [{ by: 'ann', verified: true }],
      verifiedOnly: true,
    })
    expect(await update(handle, 'approve', cast('bob', 'approve'))).toMatchObject({
      message: 'approved by ann and bob',
    })
  })
  expect(status.outcome).toBe('succeeded')
  expect(entries.filter(({ key }) => /said|refused/.test(key))).toMatchObject([
    { kind: 'voted', by: 'ann', verified: true },
    { kind: 'refused', by: 'Ann', verified: true },
    { kind: 'approved', by: 'bob', verified: true },
  ])
  expect(calls.filter((call) => call.startsWith('read'))).toHaveLength(3)
})

test('a vote without a row is forged, and so is one that only claims a name', async () => {
  const { activities, cast, entries } = votingActivities(planWith())
  const status = await runUpgrade(scenario, activities, async (handle) => {
    await reaches(handle, 'approval')
    const forged = { vote: 'made-up', by: 'ann', planHash: planned.planHash }
    const answer = await update(handle, 'approve', forged)
    expect(answer).toEqual({ accepted: false, message: 'forged: no vote made-up is on record' })
    await handle.signal('approve', { ...forged, vote: 'made-up-too' })
    await handle.signal('approve', { by: 'ann', planHash: planned.planHash })
    await update(handle, 'reject', cast('bob', 'reject', { reason: 'not now' }))
  })
  expect(status).toMatchObject({ outcome: 'rejected', message: 'rejected by bob: not now' })
  const refused = entries.filter(({ kind }) => kind === 'refused')
  expect(refused.map(({ by, verified, message }) => [by, verified, message])).toEqual([
    ['ann', false, 'approve refused: forged: no vote made-up is on record'],
    ['ann', false, expect.stringContaining('nobody verified that this is ann')],
    ['ann', false, 'approve refused: forged: no vote made-up-too is on record'],
  ])
  expect(entries.at(-1)).toMatchObject({ outcome: 'rejected', by: 'bob', verified: true })
})

test('what too few people answered is asked once more before it expires, and then expires', async () => {
  const { activities, cast, entries } = votingActivities(planWith({ required: 2, escalateMs: 12 * hour }))
  const from = await scenario.env.currentTimeMs()
  const status = await runUpgrade(scenario, activities, async (handle) => {
    await reaches(handle, 'approval')
    await update(handle, 'approve', cast('ann', 'approve'))
  })
  expect(status).toMatchObject({ outcome: 'expired', message: '1 of 2 approvals (ann) within 3 d' })
  const escalated = entries.find(({ kind }) => kind === 'escalated')
  expect(escalated?.message).toMatch(/^1 of 2 approvals \(ann\); the question expires at 2\d{3}-/)
  expect(escalated?.expiresAt).toBeGreaterThanOrEqual(from + 72 * hour)
  expect(entries.map(({ kind }) => kind)).toEqual(['entered', 'voted', 'escalated', 'ended'])
})

test('a snooze stops the clock, asks again when it is over, and an approval counts meanwhile', async () => {
  const { activities, cast, entries } = votingActivities(planWith({ required: 2, escalateMs: 12 * hour }))
  const status = await runUpgrade(scenario, activities, async (handle) => {
    await reaches(handle, 'approval')
    const now = await scenario.env.currentTimeMs()
    await update(handle, 'snooze', cast('ann', 'snooze', { until: now + 30 * hour }))
    await update(handle, 'snooze', cast('bob', 'snooze', { until: now + 100 * hour }))
    await update(handle, 'approve', cast('ann', 'approve'))
    expect((await handle.query(statusQuery)).waitingFor).toMatch(/\(1 of 2\), snoozed until 2\d{3}-/)
  })
  expect(status.outcome).toBe('expired')
  expect(entries.map(({ kind }) => kind)).toEqual([
    ...['entered', 'snoozed', 'snoozed', 'voted', 'asked-again', 'escalated', 'ended'],
  ])
  const [again, escalated] = entries.filter(({ expiresAt }) => expiresAt !== undefined)
  // Snoozed from about the beginning: nearly all of its three days are left when it is asked again.
  expect(again?.expiresAt).toBe(escalated?.expiresAt)
  const asked = Date.parse(again?.message.match(/expires at (\S+)$/)?.[1] ?? '')
  expect(asked).toBe(Math.floor((again?.expiresAt ?? 0) / 1_000) * 1_000)
})

test('an approval that is taken back while it waits for its window is asked for again', async () => {
  const opensAt = (await scenario.env.currentTimeMs()) + 24 * hour
  const { activities, cast, entries, calls } = votingActivities(planWith(), {
    window: ({ now }) => Promise.resolve(now >= opensAt ? open : { kind: 'closed', opensAt, because: 'window' }),
  })
  const status = await runUpgrade(scenario, activities, async (handle) => {
    await reaches(handle, 'approval')
    await update(handle, 'approve', cast('ann', 'approve'))
    await reaches(handle, 'window')
    expect((await handle.query(statusQuery)).opensAt).toBe(`${new Date(opensAt).toISOString().slice(0, 19)}Z`)
    await update(handle, 'withdraw', cast('ann', 'withdraw', { reason: 'wait' }))
    await reaches(handle, 'approval')
    expect(calls).not.toContain('preflight')
    await update(handle, 'approve', cast('bob', 'approve'))
  })
  expect(status.outcome).toBe('succeeded')
  expect(entries.slice(0, 7).map(({ key, kind }) => `${key} ${kind}`)).toEqual([
    'approval entered',
    'said/1 approved',
    'window entered',
    'said/2 withdrawn',
    'approval/2 entered',
    'said/3 approved',
    expect.stringMatching(/^window/),
  ])
})

test('of the emergency group one has it start at once, also when it is approved already', async () => {
  const asked: unknown[] = []
  const closed: WindowAnswer = { kind: 'closed', opensAt: Date.now() + 30 * 24 * hour, because: 'freeze' }
  const { activities, cast, entries } = votingActivities(planWith(), {
    window: ({ emergency }) => {
      asked.push(emergency)
      return Promise.resolve(emergency?.overrideFreeze ? open : closed)
    },
  })
  const status = await runUpgrade(scenario, activities, async (handle) => {
    await reaches(handle, 'approval')
    await update(handle, 'approve', cast('ann', 'approve'))
    await reaches(handle, 'window')
    const outsider = cast('bob', 'approve', { now: true, overrideFreeze: true, reason: 'now' })
    expect(await update(handle, 'approve', outsider)).toMatchObject({ accepted: false })
    const oli = cast('oli', 'approve', { groups: ['on-call'], now: true, overrideFreeze: true, reason: 'CVE' })
    expect(await update(handle, 'approve', oli)).toMatchObject({ accepted: true })
  })
  expect(status).toMatchObject({ outcome: 'succeeded', approval: { emergency: { by: 'oli', reason: 'CVE' } } })
  expect(entries.find(({ kind }) => kind === 'emergency')).toMatchObject({ by: 'oli', verified: true })
  expect(asked[0]).toBeUndefined()
  expect(asked.at(-1)).toEqual({ overrideFreeze: true })
})

describe('half way', () => {
  /** Runs with a hub whose window answers as told once it is underway. */
  async function underway(
    answer: () => WindowAnswer,
    {
      act,
      ...more
    }: {
      act?: (handle: Handle, calls: string[], cast: ReturnType<typeof votingActivities>['cast']) => Promise<unknown>
      whenWindowCloses?: 'hold' | 'rollback'
      rollout?: Activities['rollout']
    },
  ) {
    const { whenWindowCloses, rollout } = more
    const plan = planWith({}, whenWindowCloses ? { whenWindowCloses } : {})
    const { activities, cast, entries, calls } = votingActivities(plan)
    activities.window = ({ underway }) =>
      Promise.resolve(underway && calls.includes('rollout ledger') ? answer() : open)
    if (rollout) {
      const original = activities.rollout
      activities.rollout = async (key) => (await original(key), rollout(key))
    }
    const status = await runUpgrade(scenario, activities, async (handle) => {
      await reaches(handle, 'approval')
      await update(handle, 'approve', cast('ann', 'approve'))
      await act?.(handle, calls, cast)
    })
    return { status, entries, calls }
  }
  const waitsFor = (handle: Handle, words: RegExp) =>
    when(async () => {
      const { waitingFor } = await handle.query(statusQuery)
      return words.test(waitingFor) && !(await isBusy(handle))
    })

  test('a freeze holds it between two workloads until it is lifted and somebody wakes it', async () => {
    let answer: WindowAnswer = frozen
    const { status, entries, calls } = await underway(() => answer, {
      act: async (handle, soFar) => {
        await waitsFor(handle, /freeze by ops: month end/)
        expect(soFar).not.toContain('rollout ledger-consumer')
        answer = open
        await handle.signal(wakeSignal, undefined)
      },
    })
    expect(status.outcome).toBe('succeeded')
    expect(calls.filter((call) => call.startsWith('rollout'))).toEqual(['rollout ledger', 'rollout ledger-consumer'])
    expect(entries.filter(({ kind }) => kind === 'waits').map(({ waitingFor }) => waitingFor)).toEqual([
      'the freeze by ops: month end',
      '',
    ])
  })

  test('a freeze that nobody says is lifted is looked at within the hour', async () => {
    let looks = 0
    const { status } = await underway(() => (++looks > 2 ? open : frozen), {})
    expect(status.outcome).toBe('succeeded')
  })

  test('a window that closes stops nothing unless the policy says so', async () => {
    const closed: WindowAnswer = { kind: 'closed', opensAt: Date.now() + 90 * 24 * hour, because: 'window' }
    expect((await underway(() => closed, {})).entries.filter(({ kind }) => kind === 'waits')).toEqual([])
    let looks = 0
    const held = await underway(() => (++looks > 1 ? open : closed), { whenWindowCloses: 'hold' })
    expect(held.status.outcome).toBe('succeeded')
    expect(held.entries.filter(({ kind }) => kind === 'waits')).toHaveLength(2)
    const back = await underway(() => closed, { whenWindowCloses: 'rollback' })
    expect(back.status).toMatchObject({
      outcome: 'rolled-back',
      message: 'the window closed before it could roll ledger-consumer',
    })
    expect(back.calls.at(-1)).toBe('rollback ledger')
    expect(back.entries.at(-1)).toMatchObject({ outcome: 'rolled-back', offeredAgain: true })
  })

  test('a pause holds it before the next step, says by whom, and a resume lets it go on', async () => {
    const gate = latch()
    const { status, calls } = await underway(() => open, {
      rollout: async ({ workload }) => {
        if (workload.name === 'ledger') await gate.opens()
        return healthy
      },
      act: async (handle, soFar, cast) => {
        await when(() => gate.waiting > 0)
        await handle.signal('pause', { by: 'eve', reason: 'odd errors' })
        gate.open()
        await waitsFor(handle, /^a resume, paused by eve: odd errors$/)
        expect(soFar).not.toContain('rollout ledger-consumer')
        expect((await handle.query(statusQuery)).approval?.paused).toEqual({ by: 'eve', reason: 'odd errors' })
        await handle.signal('resume', { by: 'eve' })
        expect(await update(handle, 'resume', cast('ann', 'resume'))).toMatchObject({ accepted: true })
      },
    })
    expect(status.outcome).toBe('succeeded')
    expect(status.refusals.at(-1)).toMatchObject({ verb: 'resume', by: 'eve' })
    expect(calls).toContain('rollout ledger-consumer')
  })

  test('what stands still can be aborted, and is put back', async () => {
    const { status, calls } = await underway(() => frozen, {
      act: async (handle) => {
        await waitsFor(handle, /freeze/)
        await handle.signal('abort', { by: 'eve', reason: 'enough' })
      },
    })
    expect(status).toMatchObject({ outcome: 'aborted', message: 'aborted by eve: enough' })
    expect(calls.at(-1)).toBe('rollback ledger')
  })
})
