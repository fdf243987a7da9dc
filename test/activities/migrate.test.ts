import { CancelledFailure } from '@temporalio/activity'
import { ActivityCancellationDetails } from '@temporalio/common'
import { MockActivityEnvironment } from '@temporalio/testing'
import { migrate } from '../../src/activities/migrate'
import { planOf, policy } from '../domain/fixtures'
import { key, run, world } from './support'

const job = { kind: 'job' as const, command: ['npm', 'run', 'migrate'], deadlineMs: 60_000 }
const withJob = planOf({ policy: policy({ migrations: [job] }) })
const first = { ...key, index: 0 }

test('a Job is deleted only after its result is on record', async () => {
  const { deps, calls, jobs } = world({ plan: withJob })
  await expect(run(migrate(deps), first)).resolves.toMatchObject({ kind: 'healthy' })
  expect(calls).toEqual(['start job', 'record expand/0/started', 'keep log', 'record expand/0', 'delete job'])
  expect(jobs[0]).toMatchObject({
    namespace: 'hub',
    name: 'refit-ledger-abcdef123456-1-0',
    image: expect.stringContaining(withJob.to.digest) as string,
    labels: { 'refit.dev/upgrade': key.upgradeId },
  })
})

test.each([
  ['done', 'migrated', 'healthy'],
  ['failed', 'migration-failed', 'failed'],
])('what is on record as %s is not run again; what its Job left is deleted', async (_name, kind, verdict) => {
  const { deps, calls, events } = world({ plan: withJob })
  const message = 'as it was then'
  events.set('expand/0', { ...key, at: new Date(), phase: 'expand', kind, by: null, verified: false, message })
  await expect(run(migrate(deps), first)).resolves.toMatchObject({ kind: verdict, sentence: message })
  expect(calls).toEqual(['delete job'])
})

test('a failure keeps the log in the store and says where it is, not what it says', async () => {
  const jobLog = 'one\npassword: s3cret\nerror: duplicate key'
  const { deps, jobLogs } = world({ plan: withJob, job: { kind: 'failed', reason: 'exit code 1' }, jobLog })
  const verdict = await run(migrate(deps), first)
  expect(verdict).toMatchObject({ kind: 'failed', sentence: expect.stringContaining('failed (exit code 1)') as string })
  expect(verdict.sentence).not.toContain('s3cret')
  expect(jobLogs).toEqual([{ step: 'expand/0', log: jobLog }])
})

test('a Job that somebody deletes is nobody’s verdict: not failed, not recorded, not started again', async () => {
  const fake = world({ plan: withJob, job: { kind: 'absent' } })
  await expect(run(migrate(fake.deps), first)).resolves.toMatchObject({ kind: 'unknown', reason: 'job-vanished' })
  expect(fake.events.has('expand/0')).toBe(false)
  await expect(run(migrate(fake.deps), first)).resolves.toMatchObject({ kind: 'unknown', reason: 'job-vanished' })
  expect(fake.calls.filter((call) => call === 'start job')).toHaveLength(1)
})

test('a pod that was deleted before it said how it ended is nobody’s verdict either, and the Job stays for who looks', async () => {
  const { deps, calls, events } = world({ plan: withJob, job: { kind: 'failed', reason: 'gone', isLost: true } })
  await expect(run(migrate(deps), first)).resolves.toMatchObject({ kind: 'unknown', reason: 'job-pod-lost' })
  expect(events.has('expand/0')).toBe(false)
  expect(calls).not.toContain('keep log')
})

test('an abort stops the Job before it goes on; a worker that shuts down leaves it for the next one', async () => {
  for (const [reason, deleted] of [
    ['CANCELLED', true],
    ['WORKER_SHUTDOWN', false],
  ] as const) {
    const { deps, calls } = world({ plan: withJob, job: { kind: 'running', since: Date.now() } })
    const environment = new MockActivityEnvironment()
    const details = new ActivityCancellationDetails({
      cancelRequested: reason === 'CANCELLED',
      workerShutdown: reason === 'WORKER_SHUTDOWN',
    })
    const running = environment.run(migrate(deps), first)
    setImmediate(() => environment.cancel(reason, details))
    await expect(running).rejects.toBeInstanceOf(CancelledFailure)
    expect(calls.includes('delete job')).toBe(deleted)
  }
})

test('an upgrade that has ended starts nothing', async () => {
  const { deps, calls } = world({ plan: withJob, outcome: 'held' })
  await expect(run(migrate(deps), first)).rejects.toMatchObject({ code: 'UPGRADE_UNKNOWN' })
  expect(calls).toEqual([])
})

test('a store that fails before the record keeps the Job, so that the next attempt finds it', async () => {
  const fake = world({ plan: withJob })
  fake.deps.store.upgrades.record = () => Promise.reject(new Error('no connection'))
  await expect(run(migrate(fake.deps), first)).rejects.toThrow('no connection')
  expect(fake.calls).not.toContain('delete job')
})

test('a step that the plan does not have is refused', async () => {
  await expect(run(migrate(world().deps), first)).rejects.toMatchObject({ code: 'PLAN_CHANGED' })
})
