import { explainPlan } from '../../../src/domain/explain-plan'
import { imageAnswer, wayThrough, type ImageAnswer } from '../../../src/domain/migrations/image-answer'
import { lostSight } from '../../../src/domain/migrations/image-words'
import { knexDefaults } from '../../../src/domain/migrations/knex-list'
import type { ImageMigrations } from '../../../src/domain/migrations/status'
import { makePlan } from '../../../src/domain/plan'
import type { JobSource, Policy } from '../../../src/domain/policy'
import { tagsBetween } from '../../../src/domain/tags-between'
import { askedOnce, container, digest, policy, service, workload } from '../fixtures'

/** An image with these files; `2!` is 2 with another content. */
const image = (tag: string, files: string, folder: string | null = '/app/migrations'): ImageMigrations => ({
  image: tag,
  digest: digest('a'),
  folder,
  why: '',
  others: [],
  knexfile: null,
  options: knexDefaults,
  migrations: files
    .split(' ')
    .filter(Boolean)
    .map((name) => ({ name: name.replace('!', ''), sha256: name })),
})

interface Case {
  from: string
  to: string
  applied?: string
  locked?: boolean
  startUp?: boolean
  init?: boolean
}

const answerTo = ({ from, to, applied, locked = false, startUp = false, init = true }: Case): ImageAnswer =>
  imageAnswer({
    from: image('v1.0.0', from),
    to: image('v1.0.1', to),
    ...(applied === undefined ? {} : { applied: { names: applied.split(' ').filter(Boolean), locked } }),
    runs: { startUp, ...(init ? { initContainer: 'run-migration' } : {}) },
  })

const job: JobSource = { kind: 'job', command: ['npm', 'run', 'migrate'], deadlineMs: 60_000 }
const withInit = service({
  workloads: [
    workload({ containers: [container('v1.0.0', { name: 'run-migration', init: true }), container('v1.0.0')] }),
  ],
})

const draftOf = (answer: ImageAnswer, more: Partial<Policy> = {}) =>
  makePlan({
    hub: { name: 'green-hub', environment: 'test' },
    service: withInit,
    policy: policy({ migrations: [job], ...more }),
    candidate: { tag: 'v1.0.1', digest: digest('b') },
    migrationFiles: {},
    imageAnswers: { 0: answer },
  })
const planOf = (answer: ImageAnswer, more: Partial<Policy> = {}) => {
  const draft = draftOf(answer, more)
  if (draft.kind !== 'plan') throw new Error(draft.reason)
  return draft.plan
}
const automatic: Partial<Policy> = { mode: 'automatic', approval: { ...askedOnce, required: 0 } }

test.each<[string, Case, object, string]>([
  [
    'a new file: the old image would refuse, so that its init container stays new',
    { from: '1 2', to: '1 2 3' },
    { pending: ['3'], images: { basis: 'running image', added: ['3'], rollback: 'starts-with' } },
    'keep-new',
  ],
  [
    'the same files: the old image starts again as it is',
    { from: '1 2', to: '1 2' },
    { pending: [], images: { basis: 'running image', rollback: 'starts' } },
    'restore',
  ],
  [
    'a file less that the database has not applied: the old one would apply it on its way back',
    { from: '1 2', to: '1', applied: '1' },
    { pending: [], images: { basis: 'database', removed: ['2'], rollback: 'starts' } },
    'keep-new',
  ],
  [
    'the database is ahead of the running image',
    { from: '1', to: '1 2', applied: '1 2' },
    { pending: [], images: { basis: 'database', added: ['2'], rollback: 'starts-with' } },
    'keep-new',
  ],
  [
    'an edited file and one out of order are named',
    { from: '1 2 4', to: '1 2! 3 4' },
    {
      pending: ['3'],
      images: { basis: 'running image', added: ['3'], edited: ['2'], outOfOrder: ['3'], rollback: 'starts-with' },
    },
    'keep-new',
  ],
  [
    'nothing migrates when a pod starts',
    { from: '1', to: '1 2', init: false },
    { pending: ['2'], images: { basis: 'running image', added: ['2'], rollback: 'not-asked' } },
    'keep-new',
  ],
])('%s', (_what, given, migration, initContainers) => {
  const plan = planOf(answerTo(given))
  expect(plan.migrations).toEqual([expect.objectContaining(migration)])
  expect(plan.rollback.initContainers).toBe(initContainers)
})

test.each<[string, Case, Partial<Policy>, RegExp, RegExp]>([
  [
    'a file that the database has and the new image lacks',
    { from: '1 2', to: '1', applied: '1 2' },
    {},
    /knex will refuse to migrate to v1\.0\.1: The migration directory is corrupt, the following files are missing: 2$/,
    /Take a release that has these files/,
  ],
  ['a file that was renamed', { from: '1 2', to: '1' }, {}, /following files are missing: 2/, /Take a release/],
  ['a lock that is held', { from: '1', to: '1', applied: '1', locked: true }, {}, /already locked/, /migrate:unlock/],
  [
    'an application that migrates when it starts',
    { from: '1', to: '1 2', startUp: true },
    {},
    /no way back by image: v1\.0\.0 would refuse the newer schema and crash-loop .*missing: 2/,
    /acceptRestartRisk: true/,
  ],
  [
    'an edited file where nobody is asked',
    { from: '1', to: '1!' },
    automatic,
    /nobody is asked by this policy, and a person has to look at its migrations: 1 was edited since/,
    /required: 1/,
  ],
  [
    'files out of order where nobody is asked',
    { from: '3', to: '1 2 3' },
    automatic,
    /1 and 2 are named before/,
    /required: 1/,
  ],
])('refused: %s', (_what, given, more, reason, next) => {
  const draft = draftOf(answerTo(given), more)
  expect(draft).toEqual({
    kind: 'refused',
    reason: expect.stringMatching(reason) as string,
    next: expect.stringMatching(next) as string,
  })
})

test('a start-up that would crash-loop is planned once the policy accepts that, and the plan says so', () => {
  const plan = planOf(answerTo({ from: '1', to: '1 2', startUp: true }), { acceptRestartRisk: true })
  expect(plan.migrations).toMatchObject([{ images: { rollback: 'refused' } }])
  expect(explainPlan(plan, 'abcdef123456').join('\n')).toContain('crash-loop; the policy accepts that')
})

test('where nobody is asked, plain additions go ahead', () => {
  expect(draftOf(answerTo({ from: '1', to: '1 2' }), automatic).kind).toBe('plan')
})

test('a renamed file is named with its new name', () => {
  const from = image('v1.0.0', '1')
  const to = { ...from, image: 'v1.0.1', migrations: [{ name: '9', sha256: '1' }] }
  expect(draftOf(imageAnswer({ from, to, runs: { startUp: false } }))).toMatchObject({
    reason: expect.stringContaining('1 is now called 9, with the same content') as string,
  })
})

test('what can not be read stands in the plan and is no reason to refuse it', () => {
  const answer: ImageAnswer = { kind: 'unknown', why: 'the registry is away' }
  const plan = planOf(answer, automatic)
  expect(plan.migrations).toMatchObject([{ images: { unknown: 'the registry is away' } }])
  expect(plan.rollback.initContainers).toBe('keep-new')
  expect(explainPlan(plan, 'abcdef123456').join('\n')).toContain('what it will apply is unknown: the registry is away')
})

test('without the running image only the way there can be told, by the database', () => {
  const to = image('v1.0.1', '1 2')
  const answer = imageAnswer({
    to,
    applied: { names: ['1'], locked: false },
    runs: { startUp: false },
    unread: 'no digest',
  })
  expect(planOf(answer).migrations).toMatchObject([
    { pending: ['2'], images: { basis: 'database', unread: 'no digest' } },
  ])
})

test.each<[string, ImageMigrations | undefined, ImageMigrations, string]>([
  ['an image without migrations', image('v1', '1'), image('v2', '', null), 'no migrations were found in v2'],
  ['neither image nor database', undefined, image('v2', '1'), 'neither the running image nor a database could be read'],
])('unknown: %s', (_what, from, to, why) => {
  expect(imageAnswer({ to, ...(from ? { from } : {}), runs: { startUp: false } })).toEqual({ kind: 'unknown', why })
})

describe('a jump', () => {
  /** `3-` takes something away. */
  const release = (tag: string, files: string): ImageMigrations => {
    const { migrations, ...rest } = image(tag, files)
    return {
      ...rest,
      migrations: migrations.map(({ name, sha256 = '' }) =>
        name.endsWith('-') ? { name, sha256, contract: true } : { name, sha256 },
      ),
    }
  }
  const draftBetween = (...images: [ImageMigrations, ...ImageMigrations[]]) => {
    const answer = imageAnswer({ from: images[0], to: images.at(-1) as ImageMigrations, runs: { startUp: false } })
    if (answer.kind !== 'read') throw new Error('it was read')
    return draftOf({ ...answer, between: wayThrough(images, images.length - 2) })
  }

  test('over the release whose code no longer uses what goes is refused with the path through it', () => {
    expect(draftBetween(release('v1.0.0', '1'), release('v1.0.0.1', '1 2'), release('v1.0.1', '1 2 3-'))).toMatchObject(
      {
        kind: 'refused',
        reason: expect.stringMatching(/too wide: .*3- removes what v1\.0\.0 needs; v1\.0\.0\.1 goes first$/) as string,
        next: expect.stringMatching(/^Go through v1\.0\.0\.1 and v1\.0\.1, each until its bake is over/) as string,
      },
    )
  })

  test('over releases that only add is planned, and so is a step to the next one', () => {
    expect(draftBetween(release('v1.0.0', '1'), release('v1.0.0.1', '1 2'), release('v1.0.1', '1 2 3')).kind).toBe(
      'plan',
    )
    expect(draftBetween(release('v1.0.0', '1'), release('v1.0.1', '1 2-')).kind).toBe('plan')
  })
})

test.each<[string, object | undefined, object | undefined, string | undefined]>([
  [
    'an image that was read and can not be',
    { basis: 'database' },
    { unknown: 'the registry is away' },
    'the registry is away',
  ],
  [
    'a database that was read and can not be',
    { basis: 'database' },
    { basis: 'running image', unread: 'timeout' },
    'timeout',
  ],
  ['what was unknown already', { unknown: 'a' }, { unknown: 'b' }, undefined],
  ['what is read again', { basis: 'database' }, { basis: 'database' }, undefined],
  ['plans of earlier builds', undefined, { basis: 'database' }, undefined],
])('lost since the approval: %s', (_what, was, is, why) => {
  const of = (images: object | undefined) => [{ kind: 'job', ...(images ? { images } : {}) }] as never
  expect(lostSight(of(was), of(is))).toBe(why)
})

test('the releases between two tags are those of their kind, the oldest first', () => {
  const tags = ['v1.2.0', 'v1.0.0', 'v1.1.0', 'v1.1.0-rc.1', '1.1.5', 'latest', 'v1.1.1-alpine', 'v2.0.0', 'v1.0.9']
  expect(tagsBetween(tags, 'v1.0.0', 'v1.2.0', 'minor')).toEqual(['v1.0.9', 'v1.1.0'])
  expect(tagsBetween(tags, 'latest', 'v1.2.0', 'minor')).toEqual([])
})
