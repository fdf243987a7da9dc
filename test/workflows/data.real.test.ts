import { randomUUID } from 'node:crypto'
import { Context } from '@temporalio/activity'
import type { WorkflowHandle } from '@temporalio/client'
import type { Activities } from '../../src/activities'
import { withHeartbeat } from '../../src/activities/beat'
import type { BackfillVerdict, DataEntry, PlannedData } from '../../src/activities/data-contracts'
import type { DataStatus } from '../../src/domain/data-status'
import { dataStatusQuery } from '../../src/workflows/messages'
import type { data } from '../../src/workflows/data'
import {
  failed,
  healthy,
  openScenario,
  plannedData,
  type Scenario,
  scriptedActivities,
} from '../support/upgrade-scenario'

let scenario: Scenario
beforeAll(async () => {
  scenario = await openScenario()
})
afterAll(() => scenario?.close())

type Handle = WorkflowHandle<typeof data>

const key = { upgradeId: plannedData.upgradeId, planHash: plannedData.planHash }
const says = { by: 'ana', planHash: plannedData.planHash }
const hour = 3_600_000
const askNobody: PlannedData = {
  ...plannedData,
  rules: { approval: { ...plannedData.rules.approval, required: 0 } },
}

async function until(handle: Handle, isSo: (status: DataStatus) => boolean): Promise<void> {
  while (!isSo(await handle.query(dataStatusQuery))) await new Promise((resolve) => setTimeout(resolve, 25))
}
const inPhase = (handle: Handle, phase: string) =>
  until(handle, (status) => status.phase === phase || status.outcome !== undefined)
/** Ahead of the question: a case that waits for hours can't wait for its phase. */
const approvesAhead = async (handle: Handle): Promise<void> => {
  await until(handle, ({ to }) => to !== undefined)
  await handle.signal('approve', says)
}
const approves = async (handle: Handle): Promise<void> => {
  await inPhase(handle, 'approval')
  await handle.signal('approve', says)
}

/** Works until it is told to stop, as the backfill does after its batch. */
const untilStopped = (): Promise<BackfillVerdict> =>
  withHeartbeat(
    () => 'batch',
    async () => {
      const { cancellationSignal } = Context.current()
      while (!cancellationSignal.aborted) await new Promise((resolve) => setTimeout(resolve, 20))
      return { ...healthy, more: true }
    },
  )

async function run(
  script: Partial<Activities> = {},
  act: (handle: Handle) => Promise<unknown> = approves,
  plan: PlannedData = plannedData,
) {
  const entries: DataEntry[] = []
  const { activities, calls } = scriptedActivities({
    openData: () => Promise.resolve(plan),
    recordData: (entry) => {
      if (!entries.some((each) => each.key === entry.key)) entries.push(entry)
      return Promise.resolve()
    },
    ...script,
  })
  const taskQueue = randomUUID()
  const worker = await scenario.worker(activities, taskQueue)
  const status = await worker.runUntil(async () => {
    const handle = await start(taskQueue)
    await act(handle)
    return (await handle.result()) as DataStatus
  })
  return { status, calls, entries }
}

const start = (taskQueue: string): Promise<Handle> =>
  scenario.env.client.workflow.start<typeof data>('data', {
    workflowId: `refit/data/test/${randomUUID()}`,
    taskQueue,
    args: [key],
  })

// First: time is not skipped while a workflow that a later case left behind waits for its worker.
test('nobody approves the contract: it expires, and nothing was contracted', async () => {
  const { status, calls, entries } = await run({}, () => Promise.resolve())
  expect(status).toMatchObject({ outcome: 'expired', message: '0 of 1 approvals within 3 d', phase: 'approval' })
  expect(calls).toContain('backfill 0')
  expect(calls).not.toContain('contract 0')
  expect(entries.at(-1)).toMatchObject({ key: 'ended', kind: 'data-ended', outcome: 'expired' })
})

test('backfill, approval, window, contract, each on record, who approved with it', async () => {
  const { status, calls, entries } = await run()
  expect(status).toMatchObject({ outcome: 'succeeded', message: 'backfill and contract are done' })
  expect(calls).toEqual([
    ...['window', 'backfill 0', 'users', 'window', 'backup', 'users', 'window', 'backup', 'contract 0'],
  ])
  expect(entries.map(({ phase, kind }) => `${phase} ${kind}`)).toEqual([
    'backfill entered',
    'approval entered',
    'approval approved',
    'contract entered',
    'contract data-ended',
  ])
  expect(entries[2]).toMatchObject({ by: 'ana', verified: false })
})

test('a policy that asks nobody contracts by itself', async () => {
  const { status, calls } = await run({}, () => Promise.resolve(), askNobody)
  expect(status).toMatchObject({ outcome: 'succeeded' })
  expect(calls).toContain('contract 0')
})

test('a yes to another plan is none', async () => {
  const { status } = await run({}, async (handle) => {
    await inPhase(handle, 'approval')
    await handle.signal('approve', { ...says, planHash: 'ffffffffffff' })
  })
  expect(status).toMatchObject({ outcome: 'expired', refusals: [{ verb: 'approve' }] })
})

test('a rejection in any phase before contract keeps the old shape, after the backfill is through', async () => {
  let release = (): void => undefined
  const released = new Promise<void>((resolve) => (release = resolve))
  const { status, calls } = await run(
    {
      backfill: () =>
        withHeartbeat(
          () => '',
          () => released.then(() => healthy),
        ),
    },
    async (handle) => {
      await inPhase(handle, 'backfill')
      await handle.signal('reject', { ...says, reason: 'month end' })
      release()
    },
  )
  expect(status).toMatchObject({ outcome: 'rejected', message: 'rejected by ana: month end' })
  expect(calls.filter((call) => call.startsWith('contract'))).toEqual([])
})

test('an approval that is taken back is asked for again', async () => {
  let looks = 0
  const { status, entries } = await run(
    {
      usersOfSchema: () =>
        Promise.resolve((looks += 1) < 3 ? ['hub/quoting (api runs v1.1.0, needed is >=1.2.0)'] : []),
    },
    async (handle) => {
      await approves(handle)
      await inPhase(handle, 'window')
      await handle.signal('withdraw', says)
      await until(handle, ({ phase }) => phase === 'approval')
      await handle.signal('approve', says)
    },
  )
  expect(status).toMatchObject({ outcome: 'succeeded' })
  expect(entries.filter(({ phase, kind }) => phase === 'approval' && kind === 'entered')).toHaveLength(2)
})

test('it says for whom contract waits, and looks again by itself and when it is woken', async () => {
  const waits = ['hub/quoting (api runs v1.1.0, needed is >=1.2.0)', 'hub/settlement (its pods can not be read)']
  let looks = 0
  const { status, entries } = await run(
    {
      usersOfSchema: () => {
        looks += 1
        return Promise.resolve(looks > 3 ? [] : looks > 2 ? waits.slice(1) : waits)
      },
    },
    async (handle) => {
      await approves(handle)
      await until(handle, ({ waitingFor }) => waitingFor.includes('hub/quoting'))
      await handle.signal('wake', null)
    },
  )
  expect(status).toMatchObject({ outcome: 'succeeded' })
  const told = entries.filter(({ phase, kind }) => phase === 'window' && kind === 'entered')
  expect(told.map(({ waitingFor }) => waitingFor)).toEqual([waits.join(' and '), waits[1]])
})

test('without a proven backup there is no contract; once there is one it goes on', async () => {
  let asked = 0
  const { status, entries, calls } = await run({
    backupForContract: () => Promise.resolve((asked += 1) < 3 ? 'the newest proven backup is 3 d old' : undefined),
  })
  expect(status).toMatchObject({ outcome: 'succeeded' })
  expect(calls.filter((call) => call.startsWith('contract'))).toHaveLength(1)
  expect(entries.filter(({ kind }) => kind === 'waits').map(({ message }) => message)).toEqual([
    'contract waits for a backup: the newest proven backup is 3 d old',
  ])
})

test('neither begins in a freeze; contract waits for its window, too', async () => {
  let frozen = 2
  const opensAt: number[] = []
  const { status, entries } = await run(
    {
      window: ({ now }) => {
        if (frozen-- > 0)
          return Promise.resolve({
            kind: 'closed',
            opensAt: null,
            cause: 'freeze',
            because: 'freeze by ops: month end',
          })
        opensAt[0] ??= now + 30 * hour
        return Promise.resolve(
          now >= opensAt[0]
            ? { kind: 'open' }
            : { kind: 'closed', opensAt: opensAt[0], cause: 'window', because: 'window' },
        )
      },
    },
    approvesAhead,
  )
  expect(status).toMatchObject({ outcome: 'succeeded' })
  expect(entries.filter(({ kind }) => kind === 'waits')[0]).toMatchObject({
    phase: 'backfill',
    waitingFor: 'the freeze by ops: month end',
  })
  expect(entries.find(({ phase }) => phase === 'window')).toMatchObject({
    waitingFor: expect.stringMatching(/^the window until /) as string,
  })
})

test('a freeze that comes after the last look, before contract, holds it', async () => {
  let looks = 0
  const { status, entries } = await run(
    {
      window: () => {
        looks += 1
        return Promise.resolve(
          looks === 3
            ? { kind: 'closed', opensAt: null, cause: 'freeze', because: 'freeze by ops: audit' }
            : { kind: 'open' },
        )
      },
    },
    () => Promise.resolve(),
    askNobody,
  )
  expect(status).toMatchObject({ outcome: 'succeeded' })
  expect(entries.find(({ kind }) => kind === 'waits')).toMatchObject({
    phase: 'contract',
    waitingFor: 'the freeze by ops: audit',
  })
})

describe('pause', () => {
  test('a backfill stops after its batch, and goes on when it is resumed', async () => {
    const phases: string[] = []
    let runs = 0
    const { status, entries } = await run(
      { backfill: () => ((runs += 1) === 1 ? untilStopped() : Promise.resolve(healthy)) },
      async (handle) => {
        await until(handle, ({ phase }) => phase === 'backfill' && runs === 1)
        await handle.signal('pause', { by: 'eve', reason: 'incident 42' })
        await until(handle, ({ waitingFor }) => waitingFor === 'a resume, paused by eve: incident 42')
        phases.push((await handle.query(dataStatusQuery)).phase)
        await handle.signal('resume', says)
        await approves(handle)
      },
    )
    expect(status).toMatchObject({ outcome: 'succeeded' })
    expect(runs).toBe(2)
    expect(phases).toEqual(['backfill'])
    expect(entries.filter(({ phase }) => phase === 'backfill').map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['paused', 'waits', 'resumed']),
    )
  })

  test.each(['approval', 'window'])(
    'in phase %s it holds contract until it is resumed',
    async (phase) => {
      let users = phase === 'window' ? ['hub/quoting (api runs v1.1.0)'] : []
      const { status, calls } = await run({ usersOfSchema: () => Promise.resolve(users) }, async (handle) => {
        if (phase === 'window') await approves(handle)
        await inPhase(handle, phase)
        await handle.executeUpdate('pause', { args: [{ by: 'eve' }] })
        users = []
        if (phase === 'approval') await handle.signal('approve', says)
        await until(handle, ({ waitingFor }) => waitingFor.includes('paused by eve'))
        await handle.executeUpdate('resume', { args: [says] })
      })
      expect(status).toMatchObject({ outcome: 'succeeded' })
      expect(calls.filter((call) => call.startsWith('contract'))).toHaveLength(1)
    },
    300_000,
  )

  test('between two files of a contract it stops, and goes on', async () => {
    let runs = 0
    const { status } = await run(
      { contract: () => ((runs += 1) === 1 ? untilStopped() : Promise.resolve(healthy)) },
      async (handle) => {
        await approves(handle)
        await until(handle, ({ phase }) => phase === 'contract' && runs === 1)
        await handle.signal('pause', { by: 'eve' })
        await until(handle, ({ waitingFor }) => waitingFor.includes('paused by eve'))
        await handle.signal('resume', says)
      },
    )
    expect(status).toMatchObject({ outcome: 'succeeded' })
    expect(runs).toBe(2)
  })
})

describe('abort stops at the next safe point, and puts nothing back', () => {
  test.each(['backfill', 'approval', 'window', 'contract'])(
    'in phase %s',
    async (phase) => {
      let isRunning = false
      const work = (): Promise<BackfillVerdict> => {
        isRunning = true
        return untilStopped()
      }
      const { status, calls, entries } = await run(
        {
          ...(phase === 'backfill' ? { backfill: work } : {}),
          ...(phase === 'contract' ? { contract: work } : {}),
          ...(phase === 'window' ? { usersOfSchema: () => Promise.resolve(['hub/quoting']) } : {}),
        },
        async (handle) => {
          if (phase === 'window' || phase === 'contract') await approves(handle)
          await inPhase(handle, phase)
          while (!isRunning && (phase === 'backfill' || phase === 'contract'))
            await new Promise((resolve) => setTimeout(resolve, 25))
          await handle.signal('abort', { by: 'ana', reason: 'smoke' })
        },
      )
      expect(status).toMatchObject({ outcome: 'aborted', message: 'stopped by ana: smoke', phase })
      expect(calls.filter((call) => /^(rollback|contract|quarantine)/.test(call))).toEqual([])
      expect(entries.at(-1)).toMatchObject({ outcome: 'aborted', by: 'ana', verified: false })
    },
    300_000,
  )

  test('one that comes while the last file is applied is too late', async () => {
    let isRunning = false
    const lastFile = async (): Promise<BackfillVerdict> => {
      isRunning = true
      await untilStopped()
      return healthy
    }
    const { status } = await run(
      { contract: lastFile },
      async (handle) => {
        while (!isRunning) await new Promise((resolve) => setTimeout(resolve, 25))
        await handle.signal('abort', { by: 'ana' })
      },
      askNobody,
    )
    expect(status).toMatchObject({ outcome: 'succeeded', message: 'backfill and contract are done' })
  })
})

test.each<[string, Partial<Activities>]>([
  ['backfill', { backfill: () => Promise.resolve(failed('the proof still finds a row')) }],
  ['contract', { contract: () => Promise.resolve(failed('a null in quoteId')) }],
])(
  'a failed %s is held and rolls nothing back',
  async (phase, script) => {
    const { status, calls } = await run(script, phase === 'backfill' ? () => Promise.resolve() : approves)
    expect(status).toMatchObject({ outcome: 'held', phase })
    expect(calls.filter((call) => /^(rollback|quarantine)/.test(call))).toEqual([])
  },
  300_000,
)

test('junk in place of a message stops nothing', async () => {
  const { status } = await run({}, async (handle) => {
    for (const junk of [null, 'yes', [1], { by: 'x'.repeat(100_000) }])
      for (const verb of ['approve', 'reject', 'pause', 'resume', 'abort', 'wake']) await handle.signal(verb, junk)
    await approves(handle)
  })
  expect(status).toMatchObject({ outcome: 'succeeded' })
})

test('a worker that dies between the vote and the contract: the next one finds the vote', async () => {
  const { activities } = scriptedActivities()
  const taskQueue = randomUUID()
  const first = await scenario.worker(activities, taskQueue)
  const handle = await first.runUntil(async () => {
    const started = await start(taskQueue)
    await inPhase(started, 'approval')
    return started
  })
  await handle.signal('approve', says)
  const second = await scenario.worker(activities, taskQueue)
  await expect(second.runUntil(() => handle.result())).resolves.toMatchObject({ outcome: 'succeeded' })
})
