import { jobsRehearsed, type JobRehearsalMeans } from '../../src/activities/rehearse-jobs'
import { copyFingerprint } from '../../src/clients/migrations/job-copy'
import { rehearseJob } from '../../src/clients/migrations/rehearse-job'
import { RefitError } from '../../src/domain/errors'
import type { JobRehearsal } from '../../src/domain/migrations/job-rehearsal'
import type { PlanDraft } from '../../src/domain/plan'
import type { JobSource, Policy } from '../../src/domain/policy'
import { planOf, policy } from '../domain/fixtures'

jest.mock('../../src/clients/migrations/job-copy')
jest.mock('../../src/clients/migrations/rehearse-job')
const rehearses = jest.mocked(rehearseJob)

const light: JobRehearsal = { verdict: 'light', answer: 'go', before: 'a', after: 'b', digest: 'd', findings: [] }
const heavy: JobRehearsal = {
  ...{ ...light, verdict: 'heavy', answer: 'needs-window' },
  findings: [{ rule: 'table-rewrite', answer: 'needs-window', why: 'writes every row anew' }],
}
const kept = new Map<string, JobRehearsal>()

beforeEach(() => {
  kept.clear()
  rehearses.mockReset().mockResolvedValue(light)
  jest.mocked(copyFingerprint).mockReset().mockResolvedValue({ version: '18.4', sha256: 'a' })
})

const means = (more: Partial<JobRehearsalMeans> = {}): JobRehearsalMeans => ({
  kubernetes: {} as never,
  environment: { COPY_URL: 'postgres://refit:word@copy:5432/copy', LEDGER_URL: 'postgres://a@ledger/ledger' },
  store: {
    jobRehearsals: {
      read: (key) => Promise.resolve(kept.get(key)),
      save: (key, rehearsal) => Promise.resolve(void kept.set(key, rehearsal)),
    },
  },
  ...more,
})

const draft = (job: Partial<JobSource> = {}, more: Partial<Policy> = {}, pending?: string[]): PlanDraft => {
  const source: JobSource = {
    ...{ kind: 'job', command: ['migrate'], deadlineMs: 60_000, rehearse: { copy: 'COPY_URL', env: 'DATABASE_URL' } },
    ...job,
  }
  const plan = planOf({ policy: policy({ migrations: [source], ...more }) })
  const migrations = pending ? plan.migrations.map((each) => ({ ...each, pending })) : plan.migrations
  return { kind: 'plan', plan: { ...plan, migrations } }
}

test('a Job is rehearsed once on the same schema, and its result stands in the plan', async () => {
  const expected = { kind: 'plan', plan: { migrations: [{ rehearsal: light }] } }
  expect(await jobsRehearsed(means(), draft())).toMatchObject(expected)
  expect(await jobsRehearsed(means(), draft())).toMatchObject(expected)
  expect(rehearses).toHaveBeenCalledTimes(1)
  expect(rehearses.mock.calls[0]?.[1]).toMatchObject({
    place: 'COPY_URL',
    job: { namespace: 'hub', env: 'DATABASE_URL', command: ['migrate'], deadlineMs: 60_000 },
  })
})

test('another schema of the copy, another image or another command is rehearsed anew', async () => {
  await jobsRehearsed(means(), draft())
  jest.mocked(copyFingerprint).mockResolvedValue({ version: '18.4', sha256: 'b' })
  await jobsRehearsed(means(), draft())
  await jobsRehearsed(means(), draft({ command: ['other'] }))
  expect(rehearses).toHaveBeenCalledTimes(3)
})

test.each<[string, PlanDraft, Partial<JobRehearsalMeans>]>([
  ['a dry run', draft(), { rehearsesJobs: false }],
  ['a policy that only watches', draft({}, { mode: 'watch' }), {}],
  ['an image of which nothing is pending', draft({}, {}, []), {}],
  ['a migration without rehearsal', draft({ rehearse: undefined }), {}],
])('no Job is started for %s', async (_what, given, more) => {
  const plan = await jobsRehearsed(means(more), given)
  expect(plan.kind).toBe('plan')
  expect(plan).not.toMatchObject({ plan: { migrations: [{ rehearsal: expect.anything() as object }] } })
  expect(rehearses).not.toHaveBeenCalled()
})

test('a dry run shows what is known already', async () => {
  await jobsRehearsed(means(), draft())
  expect(await jobsRehearsed(means({ rehearsesJobs: false }), draft())).toMatchObject({
    plan: { migrations: [{ rehearsal: light }] },
  })
})

test.each<[string, Partial<JobRehearsalMeans>, Partial<JobSource>, RegExp]>([
  ['no address', { environment: {} }, {}, /COPY_URL is empty, so the image's migrations can't be rehearsed/],
  ['what is none', { environment: { COPY_URL: 'word' } }, {}, /COPY_URL is no address(?!.*word)/],
  [
    'production itself',
    { environment: { COPY_URL: 'postgres://x@ledger/ledger', LEDGER_URL: 'postgres://a@ledger/ledger' } },
    { database: 'LEDGER_URL' },
    /the copy \(COPY_URL\) is production itself \(LEDGER_URL\)/,
  ],
])('refused before anything runs: %s', async (_what, more, job, reason) => {
  expect(await jobsRehearsed(means(more), draft(job))).toMatchObject({
    kind: 'refused',
    reason: expect.stringMatching(reason) as string,
  })
  expect(rehearses).not.toHaveBeenCalled()
})

test('a verdict that wants a window refuses a plan without one', async () => {
  rehearses.mockResolvedValue(heavy)
  expect(await jobsRehearsed(means(), draft())).toMatchObject({ kind: 'refused' })
  expect(await jobsRehearsed(means(), draft({ overrides: ['table-rewrite'] }))).toMatchObject({ kind: 'plan' })
})

test('a failure refuses the plan and is not kept: the next plan tries again', async () => {
  const findings = [{ rule: 'run-fails', answer: 'refused' as const, why: 'exit code 1' }]
  rehearses.mockResolvedValue({ ...light, verdict: 'fails', answer: 'refused', findings })
  for (let times = 0; times < 2; times += 1)
    expect(await jobsRehearsed(means(), draft())).toMatchObject({ kind: 'refused' })
  expect(rehearses).toHaveBeenCalledTimes(2)
})

test('what will not pass by itself refuses the plan; what may is tried again', async () => {
  rehearses.mockRejectedValue(new RefitError('KUBERNETES_FORBIDDEN', 'not allowed.', 'Give the right.'))
  expect(await jobsRehearsed(means(), draft())).toEqual({
    ...{ kind: 'refused', next: 'Give the right.' },
    reason: "its migrations can't be rehearsed: not allowed",
  })
  rehearses.mockRejectedValue(new RefitError('KUBERNETES_UNAVAILABLE', 'away.', 'Wait.'))
  await expect(jobsRehearsed(means(), draft())).rejects.toMatchObject({ code: 'KUBERNETES_UNAVAILABLE' })
})

test('a plan that is refused already stays so', async () => {
  const refused = { kind: 'refused' as const, reason: 'a', next: 'b' }
  expect(await jobsRehearsed(means(), refused)).toBe(refused)
})
