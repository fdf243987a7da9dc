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

  const without = (...dangling: string[]) => ({
    digestOf: (tag: string) => (dangling.includes(tag) ? null : byTag(tag)),
  })

  test('without a manifest it hides no lower one, is told, and is looked at again', () => {
    const { decision, revisitAt } = decided({ tags }, without('v1.0.2'))
    expect(decision).toMatchObject({ kind: 'candidate', candidate: { tag: 'v1.0.1', digest: digest('1') } })
    expect(decision.reason).toContain('the registry lists v1.0.2 but has no manifest for it')
    expect(decision.tags).toContainEqual(expect.objectContaining({ tag: 'v1.0.2', verdict: 'no-manifest' }))
    expect(revisitAt).toBe(now + 3_600_000)
  })

  test('is suspicious only where nothing newer has one', () => {
    const none = decided({ tags }, without('v1.0.1', 'v1.0.2'))
    expect(none).toMatchObject({ decision: { kind: 'suspicious' }, watchedTag: 'v1.0.2', trusted: true })
    const held = decided({ tags, quarantined: [failed('v1.0.1')] }, without('v1.0.2'))
    expect(held.decision).toMatchObject({ kind: 'held', holds: ['quarantine'] })
    expect(held.decision).not.toHaveProperty('holdUntil')
    expect(held.decision.reason).toContain('no manifest')
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
    expect(decided({ tags: read })).toMatchObject({ decision: { doubted: true }, trusted: false })
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

  test('are looked at again when the next one ends, however the decision is', () => {
    const again = (tag: string, more: Partial<DecideInput> = {}) =>
      decided({ service: at(tag), tags: releases, lines, ...more }, { digestOf: byTag }).revisitAt
    const ended = Date.parse('2027-01-02T00:00:00Z')
    expect(again('v1.0.0')).toBe(ended)
    expect(again('v1.1.0')).toBe(ended)
    expect(again('v1.2.1')).toBe(ended)
    expect(again('v1.2.1', { now: ended })).toBe(Date.parse('2027-07-01T00:00:00Z'))
    expect(again('v1.2.1', { now: Date.parse('2027-07-01T00:00:00Z') })).toBeUndefined()
    expect(again('v1.0.0', { lines: [] })).toBeUndefined()
  })

  test('say nothing of a tag that has no place on a line', () => {
    const moving = service({ workloads: [workload({ containers: [container('latest')] })] })
    const decision = decide('', { service: moving, tags: list('latest'), policy: policy({ strategy: 'digest' }) })
    expect(decision.kind).not.toBe('unsupported')
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
