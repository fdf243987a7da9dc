import { randomUUID } from 'node:crypto'
import { Context } from '@temporalio/activity'
import type { WorkflowHandle } from '@temporalio/client'
import type { Activities } from '../../src/activities'
import { withHeartbeat } from '../../src/activities/beat'
import type { PlannedRelease, ReleaseEntry, UpgradeStanding } from '../../src/activities/release-contracts'
import { approveSignal, abortSignal, rejectSignal, releaseStatusQuery } from '../../src/workflows/messages'
import type { release } from '../../src/workflows/release'
import { isBusy, openScenario, planned, scriptedActivities, type Scenario } from '../support/upgrade-scenario'

let scenario: Scenario
beforeAll(async () => {
  scenario = await openScenario()
})
afterAll(() => scenario?.close())

const digest = planned.digest
/** Services of their own for each case: the workflow id of an upgrade is its lock. */
const planOf = (namespace: string, more: Partial<PlannedRelease> = {}): PlannedRelease => ({
  planHash: 'abcdef123456',
  approvalRequired: true,
  approved: false,
  begun: false,
  rules: {
    ...{ required: 1, expiresMs: 3_600_000, escalateMs: 0, unverified: 'accept' },
    ...{ makerChecker: false, groups: [] },
  },
  onFailure: 'rollback',
  waves: ['ledger', 'quoting'].map((service) => [
    { namespace, service, from: 'v1.0.0', candidate: { tag: 'v1.1.0', digest } },
  ]),
  ...more,
})

const day = 86_400_000

type Handle = WorkflowHandle<typeof release>
const says = { by: 'ana', planHash: 'abcdef123456' }
const approves = async (handle: Handle): Promise<void> => {
  await inPhase(handle, 'approval')
  await handle.signal(approveSignal, says)
}

async function inPhase(handle: Handle, phase: string): Promise<void> {
  for (;;) {
    const status = await handle.query(releaseStatusQuery)
    if (status.phase === phase || status.outcome) return
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
}

async function waitingIn(handle: Handle, activity: string): Promise<void> {
  for (;;) {
    const { raw } = await handle.describe()
    if (raw.pendingActivities?.some(({ activityType }) => activityType?.name === activity)) return
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
}

/** Runs one release; `standing` is what becomes of a service. */
async function run(
  { standing = {}, ...more }: Partial<PlannedRelease> & { standing?: Record<string, UpgradeStanding> },
  act: (handle: Handle) => Promise<unknown> = approves,
  script: Partial<Activities> = {},
) {
  const namespace = `ns-${randomUUID().slice(0, 8)}`
  const plan = planOf(namespace, more)
  const entries: ReleaseEntry[] = []
  const { activities, calls } = scriptedActivities({
    planRelease: () => Promise.resolve({ kind: 'planned', plan }),
    beginWave: ({ wave }) => {
      calls.push(`wave ${wave + 1}`)
      return Promise.resolve({
        kind: 'go',
        start: (plan.waves[wave] ?? []).map(({ service }) => ({ namespace, service })),
      })
    },
    watchUpgrade: ({ service }) => Promise.resolve(standing[service] ?? { kind: 'ready' }),
    begunServices: () =>
      Promise.resolve(
        plan.waves
          .flat()
          .reverse()
          .map(({ service }) => ({ namespace, service })),
      ),
    recordRelease: (entry) => {
      entries.push(entry)
      return Promise.resolve()
    },
    ...script,
  })
  const taskQueue = randomUUID()
  const worker = await scenario.worker(activities, taskQueue)
  const status = await worker.runUntil(async () => {
    const handle = await scenario.env.client.workflow.start<typeof release>('release', {
      workflowId: `refit/release/${namespace}`,
      taskQueue,
      args: [{ release: '1.1.0', releaseId: 'r-1' }],
    })
    await act(handle)
    return handle.result()
  })
  const done = calls.filter((call) => /^(wave|undo|release upgrades|make room)/.test(call))
  return { status, done, entries }
}

// First: time is not skipped while an upgrade that a later case left behind waits for its worker.
test('nobody answers: it expires, and nothing was begun', async () => {
  const { status, done } = await run({}, () => Promise.resolve())
  expect(status).toMatchObject({ outcome: 'expired' })
  expect(done).toEqual(['make room'])
})

test('an unverified name does not count where one of the policies refuses it', async () => {
  const { rules } = planOf('x')
  const { status } = await run({ rules: { ...rules, unverified: 'refuse' } })
  expect(status).toMatchObject({ outcome: 'expired', refusals: [expect.objectContaining({ verb: 'approve' })] })
})

test('the same window again after a pause is told again', async () => {
  const act = async (handle: Handle): Promise<void> => {
    await approves(handle)
    const waitsFor = async (words: RegExp): Promise<void> => {
      while (!words.test((await handle.query(releaseStatusQuery)).waitingFor) || (await isBusy(handle)))
        await new Promise((resolve) => setTimeout(resolve, 25))
    }
    await waitsFor(/^the window of hub/)
    await handle.signal('pause', { ...says, reason: 'month end' })
    await waitsFor(/^a resume/)
    await handle.signal('resume', says)
    await waitsFor(/^the window of hub/)
    await handle.signal(abortSignal, says)
  }
  const { entries } = await run({}, act, {
    releaseWindow: ({ now }) => Promise.resolve({ kind: 'closed', opensAt: now + 30 * day, because: 'window of hub' }),
  })
  const told = entries.filter(({ phase, kind }) => phase === 'window' && kind === 'entered')
  expect(told.map(({ waitingFor }) => waitingFor?.split(/[,:]/)[0])).toEqual([
    'the window of hub',
    'a resume',
    'the window of hub',
  ])
  expect(new Set(told.map(({ key }) => key)).size).toBe(3)
})

test('room, one approval, wave by wave, then every upgrade is released', async () => {
  const { status, done, entries } = await run({})
  expect(status).toMatchObject({ outcome: 'succeeded' })
  expect(done).toEqual(['make room', 'wave 1', 'wave 2', 'wave 3', 'release upgrades'])
  expect(entries.map(({ kind }) => kind)).toEqual(['entered', 'said', 'approved', 'entered', 'ended'])
})

const failed: UpgradeStanding = { kind: 'failed', message: 'quoting never got ready' }

test('a failure: the last first, one after the other', async () => {
  const { status, done } = await run({ standing: { quoting: failed } })
  expect(status).toMatchObject({ outcome: 'rolled-back', message: failed.message })
  expect(done).toEqual(['make room', 'wave 1', 'wave 2', 'undo quoting', 'undo ledger'])
})

test('a failed undo holds the release, and the other undos go on', async () => {
  const { status, done } = await run({ standing: { quoting: failed } }, approves, {
    undoUpgrade: ({ service }) =>
      Promise.resolve(service === 'quoting' ? { kind: 'failed', message: 'quoting hangs' } : { kind: 'put-back' }),
  })
  expect(status).toMatchObject({ outcome: 'held', message: expect.stringContaining('not all is back: quoting hangs') })
  expect(done).toEqual(['make room', 'wave 1', 'wave 2'])
})

test('onFailure hold: nothing is put back, what is healthy ends, a person is paged', async () => {
  const { status, done } = await run({ standing: { quoting: failed }, onFailure: 'hold' })
  expect(status).toMatchObject({ outcome: 'held', message: failed.message })
  expect(done).toEqual(['make room', 'wave 1', 'wave 2', 'release upgrades'])
})

test('nobody can tell how a service is: held, and nothing is put back', async () => {
  const { status, done } = await run({ standing: { quoting: { kind: 'held', message: 'nobody can tell' } } })
  expect(status).toMatchObject({ outcome: 'held' })
  expect(done).toEqual(['make room', 'wave 1', 'wave 2', 'release upgrades'])
})

test('a service of an earlier wave that was aborted meanwhile stops the line', async () => {
  const { status, done } = await run({}, approves, {
    beginWave: ({ wave }) =>
      Promise.resolve(
        wave === 1
          ? { kind: 'stop', standing: { kind: 'failed', message: 'ledger: aborted' } }
          : { kind: 'go', start: [] },
      ),
  })
  expect(status).toMatchObject({ outcome: 'rolled-back', message: 'ledger: aborted' })
  expect(done).toEqual(['make room', 'undo quoting', 'undo ledger'])
})

test.each([
  ['another plan', approveSignal, { ...says, planHash: 'ffffffffffff' }],
  ['no object', approveSignal, 'yes please'],
  ['nobody', approveSignal, { planHash: says.planHash }],
])(
  'refused: an approval of %s',
  async (_, signal, message) => {
    const { status } = await run({}, async (handle) => {
      await inPhase(handle, 'approval')
      await handle.signal(signal, message)
      await handle.signal(rejectSignal, says)
    })
    expect(status).toMatchObject({ outcome: 'rejected', refusals: [expect.objectContaining({ verb: 'approve' })] })
  },
  300_000,
)

test('aborted before anything was begun: nothing to put back', async () => {
  const { status, done } = await run({}, async (handle) => {
    await inPhase(handle, 'approval')
    await handle.signal(abortSignal, { by: 'ana', reason: 'wrong night' })
  })
  expect(status).toMatchObject({ outcome: 'aborted', message: 'aborted by ana: wrong night' })
  expect(done).toEqual(['make room'])
})

test('a Cancel that comes before a new run knows what an earlier one began puts all of it back', async () => {
  const { status, done } = await run(
    {},
    async (handle) => {
      await waitingIn(handle, 'planRelease')
      await handle.cancel()
    },
    {
      planRelease: () =>
        withHeartbeat(
          () => 'planning',
          () => Context.current().cancelled,
        ),
    },
  )
  expect(status).toMatchObject({ outcome: 'aborted', phase: 'rollback' })
  expect(done).toEqual(['undo quoting', 'undo ledger'])
})

test('many messages cost hardly an event beyond themselves', async () => {
  let upserts = 0
  await run({}, async (handle) => {
    await inPhase(handle, 'approval')
    for (let sent = 0; sent < 20; sent += 1) await handle.signal(approveSignal, { by: 'eve', planHash: 'ffffffffffff' })
    await handle.signal(rejectSignal, says)
    await handle.result()
    const { events } = await handle.fetchHistory()
    upserts = (events ?? []).filter((each) => each.upsertWorkflowSearchAttributesEventAttributes).length
  })
  expect(upserts).toBeLessThan(10)
})
