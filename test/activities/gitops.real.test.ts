import { commitImages } from '../../src/activities/commit-images'
import { gitopsProblems } from '../../src/activities/gitops-problems'
import { preflight } from '../../src/activities/preflight'
import { rollback } from '../../src/activities/rollback'
import { rollout } from '../../src/activities/rollout'
import { blindMs } from '../../src/activities/watch-workload'
import { RefitError } from '../../src/domain/errors'
import type { Gitops } from '../../src/domain/gitops'
import { type BareRepository, bareRepository } from '../support/bare-repository'
import { container, image, newImage, observation, planOf, policy, repository, service } from '../domain/fixtures'
import { workload as deployed } from '../domain/fixtures'
import { key, run, workload, world, type World } from './support'

const step = { ...key, workload }
const file = 'apps/ledger.yaml'
const text = `kind: Deployment
metadata: { name: ledger-api }
spec:
  template:
    spec:
      initContainers: [{ name: migrate, image: ${image('v1.0.0')} }]
      containers:
        - name: ledger
          image: ${image('v1.0.0')} # Refit's
`
let bare: BareRepository
beforeEach(async () => void (bare = await bareRepository({ [file]: text })))
afterEach(() => bare.remove())
afterEach(() => void jest.useRealTimers())

const rules = (more: Partial<Gitops> = {}): Gitops => ({
  ...{ repository: bare.path, branch: 'main', file: 'apps/{service}.yaml', syncWithinMs: 50 },
  ...more,
})
const planned = (more: Partial<Gitops> = {}) => planOf({ policy: policy({ gitops: rules(more) }) })
const shows = (now: string) =>
  observation({
    containers: [{ name: 'ledger', init: false, image: now }],
    ...(now === newImage ? {} : { pods: [] }),
  })
const snapshots = [{ workload, containers: [{ name: 'ledger', init: false, image: image('v1.0.0') }] }]

/** A cluster whose agent applies the file at once, unless it sleeps. */
function hub(more: Partial<World> & { sleeps?: boolean } = {}): World {
  const fake = world({
    plan: planned(),
    snapshots,
    observe: async () => {
      const inGit = /- name: ledger\n +image: (\S+)/.exec(await bare.read(file))?.[1] ?? ''
      return shows(more.sleeps ? image('v1.0.0') : inGit)
    },
    patch: () => Promise.reject(new Error('the cluster is not written')),
    ...more,
  })
  fake.deps.environment = { PATH: process.env.PATH }
  return fake
}

test('a rollout commits, has that on record, waits for the agent and watches', async () => {
  const { deps, events, patches } = hub()
  await expect(run(rollout(deps), step)).resolves.toMatchObject({ kind: 'healthy', reason: 'complete' })
  expect(await bare.read(file)).toBe(text.replace(`${image('v1.0.0')} #`, `${newImage} #`))
  expect(events.get('committed/rollout/ledger-api')).toMatchObject({
    kind: 'patched',
    message: `ledger-api set to ${newImage} in ${file} of branch main, commit ${await bare.tip()}`,
  })
  expect(patches).toEqual([])
})

test('a worker that dies after its push commits nothing twice, and knows its commit', async () => {
  const { deps, events } = hub()
  await run(rollout(deps), step)
  const tip = await bare.tip()
  events.clear()
  await expect(run(rollout(deps), step)).resolves.toMatchObject({ kind: 'healthy' })
  expect(await bare.tip()).toBe(tip)
  expect(events.get('committed/rollout/ledger-api')?.message).toContain(`commit ${tip}`)
})

test("a person's same commit is accepted, and not taken for Refit's own", async () => {
  const { deps, events } = hub()
  const tip = await bare.commit({ [file]: text.replace(`${image('v1.0.0')} #`, `${newImage} #`) })
  await expect(run(rollout(deps), step)).resolves.toMatchObject({ kind: 'healthy' })
  expect(await bare.tip()).toBe(tip)
  expect(events.get('committed/rollout/ledger-api')?.message).toMatch(/of branch main already$/)
})

test('what a person reverts meanwhile is not committed again', async () => {
  const { deps } = hub()
  await run(rollout(deps), step)
  const tip = await bare.commit({ [file]: text }, 'no')
  await expect(run(rollout(deps), step)).resolves.toMatchObject({ kind: 'conflict', reason: 'changed-by-somebody' })
  expect(await bare.tip()).toBe(tip)
})

test("somebody's other image in the file is a conflict", async () => {
  const { deps, events } = hub()
  await bare.commit({ [file]: text.replace(`${image('v1.0.0')} #`, `${image('v1.0.5')} #`) })
  await expect(run(rollout(deps), step)).resolves.toMatchObject({
    kind: 'conflict',
    sentence: expect.stringContaining(`Somebody changed ${file}`) as string,
  })
  expect([...events.keys()]).toEqual([])
})

test('an agent that sleeps too long leaves it open, and the sentence names the commit', async () => {
  const { deps, events } = hub({ sleeps: true })
  await expect(run(rollout(deps), step)).resolves.toEqual({
    kind: 'unknown',
    reason: 'not-synced',
    sentence: expect.stringMatching(
      /no agent applied the commit to ledger-api within .*, commit [0-9a-f]{40}\. Have/,
    ) as string,
  })
  expect(events.has('patched/ledger-api')).toBe(false)
})

test.each<[string, () => Promise<never> | ReturnType<typeof shows>, object]>([
  [
    'another image in the cluster is a conflict',
    () => shows(image('v1.0.5')),
    { kind: 'conflict', reason: 'changed-by-somebody' },
  ],
  [
    'a workload that has gone is a conflict',
    () => Promise.reject(new RefitError('KUBERNETES_NOT_FOUND', 'It has gone.', 'Nothing.')),
    { kind: 'conflict', reason: 'vanished' },
  ],
])('while it waits for the agent, %s', async (_, observe, verdict) => {
  const { deps } = hub({ observe })
  await expect(run(rollout(deps), step)).resolves.toMatchObject(verdict)
})

test('an API server that stays away while it waits for the agent ends as unknown, not as an agent that sleeps', async () => {
  const away = new RefitError('KUBERNETES_UNAVAILABLE', 'The API server does not answer.', 'Try again.')
  const { deps, plan } = hub({ observe: () => Promise.reject(away) })
  const changes = plan.workloads[0]?.containers ?? []
  const asked = { ...step, plan, changes, step: 'rollout' as const, gitops: rules({ syncWithinMs: 5_000 }) }
  const clock = jest.spyOn(Date, 'now')
  let now = 0
  clock.mockImplementation(() => (now += blindMs / 2))
  try {
    const verdict = await run(() => commitImages(deps, asked))
    expect(verdict).toEqual({ kind: 'unknown', reason: 'api-server-away', sentence: away.message })
  } finally {
    clock.mockRestore()
  }
})

describe('rollback', () => {
  test('is a revert of the commit, to the byte', async () => {
    const { deps } = hub()
    await run(rollout(deps), step)
    const made = await bare.tip()
    await expect(run(rollback(deps), step)).resolves.toMatchObject({ kind: 'healthy', reason: 'complete' })
    expect(await bare.read(file)).toBe(text)
    expect((await bare.log()).at(-1)).toContain(`This reverts commit ${made}.`)
    const tip = await bare.tip()
    await run(rollback(deps), step)
    expect(await bare.tip()).toBe(tip)
  })

  test('takes a commit back that no agent has applied and that nobody recorded', async () => {
    const { deps, events } = hub({ sleeps: true })
    await run(rollout(deps), step)
    events.clear()
    await expect(run(rollback(deps), step)).resolves.toMatchObject({ kind: 'healthy' })
    expect(await bare.read(file)).toBe(text)
    expect((await bare.log()).at(-1)).toContain('This sets ledger-api back to v1.0.0.')
  })

  test('of what was never committed leaves everything as it is', async () => {
    const { deps, events } = hub()
    const tip = await bare.tip()
    await expect(run(rollback(deps), step)).resolves.toMatchObject({ reason: 'untouched' })
    expect(await bare.tip()).toBe(tip)
    expect(events.size).toBe(0)
  })

  test("does not fight somebody's commit", async () => {
    const { deps } = hub()
    await run(rollout(deps), step)
    const tip = await bare.commit({ [file]: text.replace(`${image('v1.0.0')} #`, `${image('v1.0.5')} #`) })
    await expect(run(rollback(deps), step)).resolves.toMatchObject({ kind: 'conflict' })
    expect(await bare.tip()).toBe(tip)
  })

  test('that no agent applies is unknown', async () => {
    const fake = hub()
    await run(rollout(fake.deps), step)
    fake.observe = () => shows(newImage)
    await expect(run(rollback(fake.deps), step)).resolves.toMatchObject({ kind: 'unknown', reason: 'not-synced' })
    expect(await bare.read(file)).toBe(text)
  })
})

describe('before anything is committed', () => {
  const withInit = service({
    workloads: [deployed({ containers: [container('v1.0.0'), container('v1.0.0', { name: 'migrate', init: true })] })],
  })
  const job = { kind: 'job' as const, command: ['migrate'], deadlineMs: 1 }
  const migrating = (more: Partial<Gitops> = {}) =>
    planOf({ service: withInit, policy: policy({ gitops: rules(more), migrations: [job] }) })
  const values = `image: { tag: v1.0.0 }\n`
  const problems = (plan: ReturnType<typeof planned>) =>
    gitopsProblems({ environment: { PATH: process.env.PATH } }, plan)

  test('a file that says what runs is no problem, and a plan without gitops asks nobody', async () => {
    expect(await problems(planned())).toEqual([])
    expect(await problems(migrating())).toEqual([])
    expect(await problems(planOf())).toEqual([])
  })

  test.each<[string, () => Promise<unknown> | undefined, () => ReturnType<typeof planned>, RegExp, RegExp]>([
    [
      'another image in the file',
      () => bare.commit({ [file]: text.replaceAll('v1.0.0', 'v1.0.9') }),
      () => planned(),
      /^ledger of ledger-api runs \S+:v1\.0\.0, and apps\/ledger\.yaml of branch main of \S+ says \S+:v1\.0\.9$/,
      /synchronise/,
    ],
    [
      'no such workload',
      () => bare.commit({ [file]: 'kind: ConfigMap\n' }),
      () => planned(),
      /has no Deployment ledger-api$/,
      /Correct gitops/,
    ],
    ['no such file', () => undefined, () => planned({ file: 'none.yaml' }), /has no file none\.yaml$/, /gitops\.file/],
    [
      'no such branch',
      () => undefined,
      () => planned({ branch: 'prod' }),
      /couldn't find remote ref/,
      /gitops\.branch/,
    ],
    [
      'no token',
      () => undefined,
      () => planned({ token: 'GIT_TOKEN' }),
      /GIT_TOKEN of gitops\.token is not set/,
      /worker/,
    ],
    [
      'one value for what a rollback keeps apart',
      () => bare.commit({ 'values.yaml': values }),
      () => migrating({ file: 'values.yaml', path: 'image.tag' }),
      /one value for the application and the migrating init container of ledger-api/,
      /image of its own/,
    ],
  ])('%s is a problem', async (_, prepare, plan, reason, next) => {
    await prepare()
    const [problem, ...more] = await problems(plan())
    expect(more).toEqual([])
    expect(problem?.reason).toMatch(reason)
    expect(problem?.reason).not.toMatch(/\.$/)
    expect(problem?.next).toMatch(next)
    expect(problem?.next).toMatch(/\.$/)
  })

  test('the tag of Helm values stands for the repository that runs', async () => {
    await bare.commit({ 'hub/ledger-api.yaml': `ledger-api: { image: { repository: ${repository}, tag: v1.0.0 } }\n` })
    const place = { file: '{namespace}/{workload}.yaml', path: '{workload}.image.tag' }
    expect(await problems(planned(place))).toEqual([])
  })

  test('preflight refuses with it, and remembers nothing', async () => {
    const { deps, snapshots } = hub({ plan: planned({ branch: 'prod' }), snapshots: [] })
    deps.config = { ...deps.config, policies: [policy({ gitops: rules({ branch: 'prod' }) })] }
    await expect(run(preflight(deps), key)).resolves.toMatchObject({
      kind: 'refused',
      reason: expect.stringMatching(/couldn't find remote ref.*Correct gitops\.branch/) as string,
    })
    expect(snapshots).toEqual([])
  })

  test('a server that is away is tried again, not refused', () =>
    expect(problems(planned({ repository: 'http://127.0.0.1:9/deploy.git' }))).rejects.toMatchObject({
      code: 'GIT_UNAVAILABLE',
      retryable: true,
    }))
})
