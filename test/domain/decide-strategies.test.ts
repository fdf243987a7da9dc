import type { DecideInput, TagsRead } from '../../src/domain/decide'
import { container, decided, digest, now, policy, service, workload } from './fixtures'

const list = (...tags: string[]): TagsRead => ({ kind: 'list', tags })
const tags = list('v1.0.0', 'v1.0.1', 'v1.0.2', 'v1.1.0', 'v2.0.0')
const byTag = (tag: string) => digest(tag === 'v1.0.0' ? 'a' : tag.slice(-1))

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
