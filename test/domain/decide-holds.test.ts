import type { DecideInput, TagsRead } from '../../src/domain/decide'
import type { Line } from '../../src/domain/supported'
import { container, decided, digest, now, policy, service, workload } from './fixtures'

const list = (...tags: string[]): TagsRead => ({ kind: 'list', tags })
const tags = list('v1.0.0', 'v1.0.1', 'v1.0.2', 'v1.1.0', 'v2.0.0')
const byTag = (tag: string) => digest(tag === 'v1.0.0' ? 'a' : tag.slice(-1))
const failed = (tag: string) => ({ tag, digest: byTag(tag), reason: 'crash-loop' })

describe('a newest tag that may not be offered', () => {
  test('in quarantine it hides no lower one, and is told', () => {
    const { decision } = decided({ tags, quarantined: [failed('v1.0.2')] }, { digestOf: byTag })
    expect(decision).toMatchObject({ kind: 'candidate', candidate: { tag: 'v1.0.1', digest: digest('1') } })
    expect(decision.reason).toContain('v1.0.2 is quarantined until a person lifts it: crash-loop')
    expect(decision.tags.map(({ tag, verdict }) => `${tag} ${verdict}`)).toEqual([
      'v2.0.0 outside-strategy',
      'v1.1.0 outside-strategy',
      'v1.0.2 quarantined',
      'v1.0.1 chosen',
      'v1.0.0 running',
    ])
  })

  test('rejected it holds: a person said no', () => {
    const { decision } = decided(
      { tags },
      { digestOf: byTag, rejectionOf: (each) => (each === digest('2') ? 'rejected by ann' : null) },
    )
    expect(decision).toMatchObject({ kind: 'held', holds: ['rejection'], candidate: { tag: 'v1.0.2' } })
    expect(decision.tags.map(({ verdict }) => verdict)).toContain('rejected')
  })

  test.each<[string, string[], string[], Partial<DecideInput>, string | undefined]>([
    ['not built for a node', ['linux/arm64'], ['linux/amd64', 'linux/arm64'], {}, 'v1.0.1'],
    [
      'built for one variant of a node',
      ['linux/amd64', 'linux/arm64/v8'],
      ['linux/amd64', 'linux/arm64'],
      {},
      'v1.0.2',
    ],
    ['and nobody can tell for what', [], ['linux/amd64'], {}, 'v1.0.2'],
    ['and nobody can tell which nodes', ['linux/arm64'], [], {}, 'v1.0.2'],
    [
      'and the policy does not mind',
      ['linux/arm64'],
      ['linux/amd64'],
      { policy: policy({ platforms: 'ignore' }) },
      'v1.0.2',
    ],
  ])('%s', (_, platforms, nodePlatforms, more, expected) => {
    const imageOf = (tag: string) => ({ platforms: tag === 'v1.0.2' ? platforms : ['linux/amd64', 'linux/arm64'] })
    const { decision } = decided({ tags, nodePlatforms, ...more }, { digestOf: byTag, imageOf })
    expect(decision.candidate?.tag).toBe(expected)
  })

  test('with nothing left it is held, with every reason', () => {
    const { decision, revisitAt } = decided(
      { tags, quarantined: [failed('v1.0.2')], nodePlatforms: ['linux/amd64'] },
      { digestOf: byTag, imageOf: () => ({ platforms: ['windows/amd64'] }) },
    )
    expect(decision).toMatchObject({
      kind: 'held',
      holds: ['quarantine', 'platform'],
      candidate: { tag: 'v1.0.2', digest: digest('2') },
      reason:
        'v1.0.2 is quarantined until a person lifts it: crash-loop; v1.0.1 has no image for linux/amd64, which its nodes need',
    })
    expect(revisitAt).toBeUndefined()
  })

  test('however many failed, few are looked up', () => {
    const many = Array.from({ length: 30 }, (_, i) => `v1.0.${i + 1}`)
    const quarantined = many.map((tag) => ({ tag, digest: digest('b') }))
    const { asked, decision } = decided({ tags: list('v1.0.0', ...many), quarantined })
    expect(asked).toHaveLength(6)
    expect(decision).toMatchObject({ kind: 'held', holds: ['quarantine'] })
  })
})

describe('a list that is not believed', () => {
  test.each<[string, TagsRead, string]>([
    ['shrunk', { kind: 'list', tags: ['v1.0.0', 'v1.0.1'], lastCount: 40 }, 'candidate'],
    ['without the running tag', list('v1.0.1'), 'candidate'],
    ['empty', list(), 'up-to-date'],
  ])('is, once a person accepted it: %s', (_, read, kind) => {
    expect(decided({ tags: read }).decision.kind).toBe('suspicious')
    expect(decided({ tags: read })).toMatchObject({ trusted: false })
    expect(decided({ tags: read, accepted: true })).toMatchObject({ decision: { kind }, trusted: true })
  })
})

describe('supported lines', () => {
  const lines: Line[] = [
    { range: '1.0.x', release: '16.0', until: '2027-01-01' },
    { range: '1.2.x', release: '17.0', until: '2027-06-30' },
  ]
  const releases = list('v0.9.0', 'v1.0.0', 'v1.0.1', 'v1.1.0', 'v1.2.0', 'v1.2.1', 'v1.3.0')
  const at = (tag: string) => service({ workloads: [workload({ containers: [container(tag)] })] })
  const decide = (tag: string, more: Partial<DecideInput> = {}) =>
    decided({ service: at(tag), tags: releases, lines, ...more }, { digestOf: byTag }).decision

  test('bugfixes are offered on each', () => {
    expect(decide('v1.0.0').candidate?.tag).toBe('v1.0.1')
    expect(decide('v1.2.0').candidate?.tag).toBe('v1.2.1')
    expect(decide('v1.0.0').lines).toEqual(['1.0.x', '1.2.x'])
  })

  test('a strategy that goes further stays on them', () => {
    const decision = decide('v1.0.0', { policy: policy({ strategy: 'minor' }) })
    expect(decision.candidate?.tag).toBe('v1.2.1')
    expect(decision.tags.filter(({ verdict }) => verdict === 'unsupported-line').map(({ tag }) => tag)).toEqual([
      'v1.3.0',
      'v1.1.0',
    ])
  })

  test.each<[string, string, Partial<DecideInput>, string]>([
    ['between them', 'v1.1.0', {}, 'the next line is 1.2.x (release 17.0), supported until 2027-06-30'],
    ['ahead of them', 'v1.3.0', {}, 'it is ahead of every supported line'],
    [
      'on one that has ended',
      'v1.0.0',
      { now: Date.parse('2027-01-02T00:00:00Z') },
      'its line 1.0.x (release 16.0) was supported until 2027-01-01; the next line is 1.2.x',
    ],
    [
      'when all have ended',
      'v1.2.0',
      { now: Date.parse('2027-07-01T00:00:00Z') },
      'no line of its image is supported any more',
    ],
  ])('a service %s is unsupported', (_, tag, more, reason) => {
    const decision = decide(tag, more)
    expect(decision).toMatchObject({ kind: 'unsupported', current: tag })
    expect(decision.reason).toContain(reason)
    expect(decision.candidate).toBeUndefined()
    expect(decision.tags.map(({ verdict }) => verdict)).not.toContain('chosen')
  })

  test('say nothing of a tag that has no place on a line', () => {
    const moving = service({ workloads: [workload({ containers: [container('latest')] })] })
    const decision = decide('', { service: moving, tags: list('latest'), policy: policy({ strategy: 'digest' }) })
    expect(decision.kind).not.toBe('unsupported')
  })
})

describe('strategy release', () => {
  const rules = policy({ strategy: 'release' })
  const target = (tag: string) => ({ releaseTarget: { release: '17.1', tag } })
  const decide = (more: Partial<DecideInput>) => decided({ policy: rules, tags, ...more }, { digestOf: byTag }).decision

  test('aims at what the release names, also out of a line that has ended', () => {
    const lines = [{ range: '1.0.x', until: '2020-01-01' }]
    const decision = decide({ ...target('v1.1.0'), lines })
    expect(decision).toMatchObject({ kind: 'candidate', candidate: { tag: 'v1.1.0' }, strategy: 'release' })
    expect(decision.tags.find(({ tag }) => tag === 'v2.0.0')).toEqual({
      tag: 'v2.0.0',
      verdict: 'not-in-release',
      reason: 'release 17.1 names v1.1.0',
    })
  })

  test.each<[string, Partial<DecideInput>, string, string]>([
    ['it runs', target('v1.0.0'), 'up-to-date', 'v1.0.0 is what release 17.1 names'],
    [
      'something newer runs',
      { ...target('v0.9.0'), tags: list('v0.9.0', 'v1.0.0') },
      'up-to-date',
      'which is not newer',
    ],
    [
      'the registry lacks it',
      target('v1.5.0'),
      'suspicious',
      'release 17.1 names v1.5.0, which the registry does not list',
    ],
    ['no release names the image', {}, 'unsupported', 'no supported release'],
  ])('when %s', (_, more, kind, reason) => {
    const decision = decide(more)
    expect(decision.kind).toBe(kind)
    expect(decision.reason).toContain(reason)
  })
})

describe('strategy digest', () => {
  const moving = (more = {}) =>
    service({ workloads: [workload({ containers: [container('latest')] })], runningDigests: [digest('a')], ...more })
  const decide = (registry: string | null, more: Partial<DecideInput> = {}) =>
    decided(
      { policy: policy({ strategy: 'digest' }), service: moving(), tags: list('latest', 'v9.0.0'), ...more },
      { digestOf: () => registry },
    )

  test('offers the tag that runs once its digest changed', () => {
    const { decision, watchedTag } = decide(digest('b'))
    expect(decision).toMatchObject({
      kind: 'candidate',
      current: 'latest',
      currentDigest: digest('a'),
      candidate: { tag: 'latest', digest: digest('b') },
      tags: [
        { tag: 'latest', verdict: 'chosen' },
        { tag: 'v9.0.0', verdict: 'outside-strategy' },
      ],
    })
    expect(watchedTag).toBe('latest')
  })

  test.each<[string, string | null, Partial<DecideInput>, string, string]>([
    ['the same digest', digest('a'), {}, 'up-to-date', 'still has the digest that runs'],
    ['no manifest', null, {}, 'suspicious', 'has no manifest'],
    ['a list without it', digest('b'), { tags: list('v9.0.0') }, 'suspicious', 'lacks the running tag latest'],
    ['no pod', digest('b'), { service: moving({ runningDigests: [] }) }, 'unparseable', 'which digest of latest runs'],
    [
      'pods that disagree',
      digest('b'),
      { service: moving({ runningDigests: [digest('a'), digest('b')] }) },
      'unparseable',
      'which digest of latest runs',
    ],
    ['a failed one', digest('b'), { quarantined: [{ tag: 'latest', digest: digest('b') }] }, 'held', 'quarantined'],
  ])('%s', (_, registry, more, kind, reason) => {
    const { decision } = decide(registry, more)
    expect(decision.kind).toBe(kind)
    expect(decision.reason).toContain(reason)
  })

  test('what a template is pinned to is what runs', () => {
    const image = `${service().repository}:latest@${digest('a')}`
    const pinned = moving({ workloads: [workload({ containers: [container('', { image })] })], runningDigests: [] })
    expect(decide(digest('b'), { service: pinned }).decision).toMatchObject({
      kind: 'candidate',
      currentDigest: digest('a'),
    })
  })

  test('two tags are one too many', () => {
    const mixed = moving({ workloads: [workload({ containers: [container('latest'), container('stable')] })] })
    expect(decide(digest('b'), { service: mixed }).decision.kind).toBe('unparseable')
  })

  test('a new digest waits for its age', () => {
    const rules = policy({ strategy: 'digest', minimumAgeMs: 3_600_000 })
    const seen = { latest: { firstSeenAt: 0, baseline: false, digest: digest('a') } }
    const { decision } = decided(
      { policy: rules, service: moving(), tags: list('latest') },
      { digestOf: () => digest('b') },
      { seen },
    )
    expect(decision).toMatchObject({ kind: 'held', holds: ['age'], holdUntil: now + 3_600_000 })
  })
})

test('a candidate says what changes', () => {
  const source = 'https://github.com/mojaloop/central-ledger'
  const { decision } = decided({}, { imageOf: () => ({ source, revision: 'abc' }) })
  expect(decision.candidate?.changes).toEqual({
    source,
    compare: `${source}/compare/v1.0.0...v1.0.1`,
    releaseNotes: `${source}/releases/tag/v1.0.1`,
    revision: 'abc',
  })
})
