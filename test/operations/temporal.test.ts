/* eslint-disable @typescript-eslint/require-await -- a fake answers at once, in the shape of what waits */
import {
  ScheduleNotFoundError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
  type Client,
} from '@temporalio/client'
import { ApplicationFailure } from '@temporalio/common'
import { hubTemporal } from '../../src/operations/temporal'
import { latestAction } from '../../src/operations/temporal-scan'

const options = { updateId: 'approve-1', deadlineMs: 10 }

/** Just enough of a client; each test says what its one call does. */
function clientWith({
  update,
  signal,
  describe,
  pollers = [],
}: {
  update?: () => unknown
  signal?: () => unknown
  describe?: () => unknown
  pollers?: unknown[]
}): Client {
  return {
    options: { namespace: 'green' },
    withDeadline: (_deadline: number, call: () => unknown) => call(),
    workflow: { getHandle: () => ({ executeUpdate: async () => update?.(), signal: async () => signal?.() }) },
    schedule: { getHandle: () => ({ describe: async () => describe?.(), trigger: async () => undefined }) },
    workflowService: { describeTaskQueue: async () => ({ pollers }) },
  } as unknown as Client
}

const throwing = (error: Error) => () => {
  throw error
}

describe('an Update', () => {
  test.each([
    ['accepted', () => ({ accepted: true, message: 'ok' }), { kind: 'accepted', message: 'ok' }],
    [
      'refused by the validator',
      throwing(new WorkflowUpdateFailedError('x', ApplicationFailure.nonRetryable('already approved'))),
      { kind: 'refused', message: 'already approved' },
    ],
    [
      'without an answer in time',
      throwing(new WorkflowUpdateRPCTimeoutOrCancelledError('deadline')),
      { kind: 'no-answer' },
    ],
    [
      'to a workflow that is not there',
      throwing(new WorkflowNotFoundError('gone', 'id', undefined)),
      { kind: 'not-open' },
    ],
  ])('%s', async (_name, update, answer) => {
    expect(await hubTemporal(clientWith({ update })).update('id', 'approve', {}, options)).toEqual(answer)
  })

  test('that could not be sent says what the server said', async () => {
    const error = new Error('Workflow Update failed', { cause: new Error('14 UNAVAILABLE: no connection') })
    await expect(
      hubTemporal(clientWith({ update: throwing(error) })).update('id', 'approve', {}, options),
    ).rejects.toMatchObject({
      code: 'TEMPORAL_UNAVAILABLE',
      message: expect.stringContaining('14 UNAVAILABLE'),
    })
  })
})

test('a signal to a workflow that has ended is not left', async () => {
  const signal = throwing(new WorkflowNotFoundError('gone', 'id', undefined))
  expect(await hubTemporal(clientWith({ signal })).signal('id', 'approve', {})).toBe(false)
  expect(await hubTemporal(clientWith({})).signal('id', 'approve', {})).toBe(true)
})

test('a poller that has been silent for two minutes is no worker', async () => {
  const seconds = Math.floor(Date.now() / 1_000)
  const pollers = [{ lastAccessTime: { seconds: seconds - 5 } }, { lastAccessTime: { seconds: seconds - 120 } }, {}]
  expect(await hubTemporal(clientWith({ pollers })).workers()).toBe(1)
})

describe('triggering a scan', () => {
  const action = (workflowId: string) => ({ type: 'startWorkflow', workflow: { workflowId, firstExecutionRunId: 'r' } })
  const info = (recent: string[], running: string[] = []) => ({
    info: {
      runningActions: running.map(action),
      recentActions: recent.map((id, i) => ({ takenAt: new Date(i), scheduledAt: new Date(i), action: action(id) })),
    },
  })
  const triggered = (answers: unknown[]) => hubTemporal(clientWith({ describe: () => answers.shift() })).triggerScan()

  test('finds the run that it started', async () => {
    expect(await triggered([info(['a']), info(['a']), info(['a', 'b'])])).toEqual({
      workflowId: 'b',
      alreadyRan: false,
    })
  })

  test('finds the one that ran already', async () => {
    expect(await triggered([info(['a'], ['a']), info(['a'], ['a'])])).toEqual({ workflowId: 'a', alreadyRan: true })
  })

  test('without a Schedule says that no worker has been there', async () => {
    const describe = throwing(new ScheduleNotFoundError('none', 'refit/scan'))
    await expect(hubTemporal(clientWith({ describe })).triggerScan()).rejects.toMatchObject({ code: 'NO_WORKER' })
  })

  test('a Schedule that never ran has no latest run', () => {
    expect(latestAction(info([]) as never)).toBeUndefined()
  })
})
