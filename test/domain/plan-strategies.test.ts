import type { Candidate } from '../../src/domain/decision'
import { planDifferences } from '../../src/domain/explain-plan'
import { makePlan, type PlannedContainer, undoImage } from '../../src/domain/plan'
import type { Strategy } from '../../src/domain/policy'
import { runningOf } from '../../src/domain/running'
import type { Service } from '../../src/domain/service'
import { container, digest, image, policy, repository, service, workload } from './fixtures'

const hub = { name: 'green-hub', environment: 'test' }
const running = (...tags: string[]): Service =>
  service({ workloads: tags.map((tag, i) => workload({ name: `w${i}`, uid: `u${i}`, containers: [container(tag)] })) })
const draftOf = (given: Service, strategy: Strategy, tag: string, more: Partial<Candidate> = {}) =>
  makePlan({
    hub,
    service: given,
    policy: policy({ strategy }),
    candidate: { tag, digest: digest('b'), ...more },
    migrationFiles: {},
  })

const numerical: Strategy = { filter: '^build-(\\d+)$', extract: '$1', order: 'numerical' }
const calver: Strategy = { filter: '^\\d{4}\\..*', order: 'calver' }

test.each<[string, Service, Strategy, string, string]>([
  ['numbers', running('build-9'), numerical, 'build-10', 'build-9'],
  ['dates', running('2024.9.1'), calver, '2024.10.0', '2024.9.1'],
  ['the lowest of several by the strategy counts', running('build-10', 'build-9'), numerical, 'build-11', 'build-9'],
])('a plan by %s', (_, given, strategy, tag, from) =>
  expect(draftOf(given, strategy, tag)).toMatchObject({
    kind: 'plan',
    plan: { from: { tag: from }, to: { tag }, policy: { strategy } },
  }),
)

test.each<[string, Service, Strategy, string, string]>([
  ['a lower number', running('build-10'), numerical, 'build-9', 'build-9 is not newer'],
  ['an older date', running('2024.10.0'), calver, '2024.9.9', 'is not newer'],
  ['what the filter does not match', running('build-9'), numerical, 'v9.0.0', 'not matched by the filter'],
  ['a running tag that it does not match', running('v1.0.0'), numerical, 'build-9', 'is not matched by the filter'],
  [
    'a workload that is ahead by the strategy',
    running('build-9', 'build-12'),
    numerical,
    'build-10',
    'w1 already runs something newer than build-10',
  ],
  ['another tag under strategy digest', running('latest'), 'digest', 'stable', 'strategy digest stays on it'],
  [
    'a moving tag whose digest nobody knows',
    service({ ...running('latest'), runningDigests: [] }),
    'digest',
    'latest',
    'which digest of latest runs, so nothing could be put back',
  ],
  [
    'pods of several digests',
    service({ ...running('latest'), runningDigests: [digest('a'), digest('c')] }),
    'digest',
    'latest',
    'nothing could be put back',
  ],
  [
    'the digest that runs',
    service({ ...running('latest'), runningDigests: [digest('b')] }),
    'digest',
    'latest',
    'already runs latest@',
  ],
])('%s is refused', (_, given, strategy, tag, reason) =>
  expect(draftOf(given, strategy, tag)).toMatchObject({ kind: 'refused', reason: expect.stringContaining(reason) }),
)

describe('a plan for a moving tag', () => {
  const plan = (given = running('latest')) => {
    const draft = draftOf(given, 'digest', 'latest')
    if (draft.kind !== 'plan') throw new Error(draft.reason)
    return draft.plan
  }
  const from = (text: string): PlannedContainer => ({ name: 'x', init: false, from: text, to: '' })

  test('names the running digest', () => expect(plan().from).toEqual({ tag: 'latest', digest: digest('a') }))

  test.each([
    [image('latest'), `${image('latest')}@${digest('a')}`],
    [`${image('latest')}@${digest('c')}`, `${image('latest')}@${digest('c')}`],
    [image('stable'), image('stable')],
  ])('undoes %s to %s', (template, expected) => expect(undoImage(plan(), from(template))).toBe(expected))

  test('a version is undone to what stood there', () => {
    const draft = draftOf(running('v1.0.0'), 'bugfix', 'v1.0.1')
    if (draft.kind !== 'plan') throw new Error(draft.reason)
    expect(undoImage(draft.plan, from(image('v1.0.0')))).toBe(image('v1.0.0'))
  })

  test('is void once another digest runs, which binds no version tag', () => {
    const other = plan(service({ ...running('latest'), runningDigests: [digest('c')] }))
    expect(planDifferences(plan(), other)).toEqual(['the running digest'])
  })
})

test('a changed strategy voids the plan', () => {
  const [a, b] = (['bugfix', 'minor'] as const).map((strategy) => draftOf(running('v1.0.0'), strategy, 'v1.0.1'))
  if (a?.kind !== 'plan' || b?.kind !== 'plan') throw new Error('no plan')
  expect(planDifferences(a.plan, b.plan)).toEqual(['the policy'])
})

test.each<[string, Strategy, string[], Partial<ReturnType<typeof runningOf>>]>([
  ['numbers', numerical, ['build-10', 'build-9'], { tag: 'build-9', tags: ['build-9', 'build-10'] }],
  ['no number', numerical, ['v1'], { problem: 'the running tag v1 is not matched by the filter' }],
  [
    'an empty key',
    { filter: '^a(x?)', extract: '$1', order: 'numerical' },
    ['a'],
    { problem: "the running tag a can't be compared: no number in an empty text" },
  ],
  ['a moving tag', 'digest', ['latest'], { tag: 'latest', tags: ['latest'], digest: digest('a') }],
  [
    'two moving tags',
    'digest',
    ['latest', 'stable'],
    { problem: 'its workloads run latest and stable, and strategy digest follows one tag' },
  ],
])('what runs, by %s', (_, strategy, tags, expected) =>
  expect(runningOf(running(...tags), strategy)).toMatchObject(expected),
)

test('a template that is pinned tells the digest of a moving tag, also while pods disagree', () => {
  const pinned = workload({ containers: [container('', { image: `${repository}:latest@${digest('c')}` })] })
  const given = service({ workloads: [pinned], runningDigests: [digest('a'), digest('c')] })
  expect(runningOf(given, 'digest').digest).toBe(digest('c'))
  expect(runningOf(given, 'bugfix').digest).toBeUndefined()
})
