import type { DecideInput, TagsRead } from '../../src/domain/decide'
import type { Owner, Service } from '../../src/domain/service'
import { container, decided, digest, policy, service, workload } from './fixtures'

const list = (tags: string[], lastCount?: number): TagsRead => ({
  kind: 'list',
  tags,
  ...(lastCount === undefined ? {} : { lastCount }),
})
const newer = list(['v1.0.0', 'v1.0.1', 'v2.0.0'])
const same = list(['v0.9.0', 'v1.0.0'])
interface Answers {
  candidate: string | null
  running: string | null
  rejected?: string
  error?: string
}
const found: Answers = { candidate: digest('b'), running: digest('a') }
const owned = (tool: Owner['tool']): Service => service({ workloads: [workload({ owner: { tool, name: 'moja' } })] })

/** Asks until it is decided, as a scan does. */
function decide(input: Partial<DecideInput>, { candidate, running, rejected, error }: Answers = found) {
  return decided(
    { tags: newer, ...input },
    { digestOf: (tag) => (tag === 'v1.0.0' ? running : candidate), rejectionOf: () => rejected ?? null },
    error === undefined ? {} : { error },
  )
}

test.each<[string, Partial<DecideInput>, Answers, string, string]>([
  ['no policy', { policy: undefined }, found, 'unwatched', 'no policy selects it'],
  [
    'no application container',
    { service: service({ workloads: [workload({ containers: [container('v1.0.0', { init: true })] })] }) },
    found,
    'not-deployed',
    'no application container',
  ],
  [
    'a floating tag',
    { service: service({ workloads: [workload({ containers: [container('latest')] })] }) },
    found,
    'unparseable',
    'latest is not a version',
  ],
  [
    'an unknown image',
    { tags: { kind: 'error', code: 'REGISTRY_NOT_FOUND', message: 'no such repository' } },
    found,
    'unknown-image',
    'no such repository',
  ],
  [
    'a registry that is down',
    { tags: { kind: 'error', code: 'REGISTRY_UNAVAILABLE', message: 'timed out' } },
    found,
    'registry-error',
    'timed out',
  ],
  ['an empty list', { tags: list([]) }, found, 'suspicious', 'lists no tags at all'],
  ['a list without the running tag', { tags: list(['v1.0.1']) }, found, 'suspicious', 'lacks the running tag v1.0.0'],
  [
    'a list that shrank sharply',
    { tags: list(['v1.0.0', 'v1.0.1'], 8) },
    found,
    'suspicious',
    'shrank from 8 tags to 2',
  ],
  ['a list that lost exactly half', { tags: list(['v1.0.0', 'v1.0.1', 'v1.0.2'], 6) }, found, 'candidate', 'v1.0.2'],
  ['a short list that lost two', { tags: list(['v1.0.0'], 3) }, found, 'up-to-date', 'v1.0.0'],
  [
    'a list that doubled its tags by repeating them',
    { tags: list(['v1.0.0', 'v1.0.0', 'v1.0.0', 'v1.0.0'], 9) },
    found,
    'suspicious',
    'shrank from 9 tags to 1',
  ],
  ['something newer', {}, found, 'candidate', 'v1.0.1 is the newest that bugfix allows from v1.0.0'],
  ['nothing newer', { tags: same }, found, 'up-to-date', 'v1.0.0 is the newest that bugfix allows'],
  ['pushed again', { tags: same }, { ...found, running: digest('c') }, 'rebuilt', 'v1.0.0 was pushed again'],
  ['pushed again, but something is newer', {}, { ...found, running: digest('c') }, 'candidate', 'v1.0.1'],
  [
    'no pod tells its digest',
    { tags: same, service: service({ runningDigests: [] }) },
    { ...found, running: digest('c') },
    'up-to-date',
    'v1.0.0',
  ],
  [
    'the running tag has no manifest',
    { tags: same },
    { candidate: null, running: null },
    'suspicious',
    'has no manifest',
  ],
  [
    'the candidate has no manifest',
    {},
    { candidate: null, running: null },
    'suspicious',
    'lists v1.0.1 but has no manifest',
  ],
  ['the digest can not be read', {}, { ...found, error: 'timed out' }, 'registry-error', 'timed out'],
  ['owned by Argo CD', { service: owned('argocd') }, found, 'held', 'owned by argocd moja'],
  ['owned by Flux', { service: owned('flux') }, found, 'held', 'owned by flux moja'],
  ['owned by Helm', { service: owned('helm') }, found, 'held', 'helmDrift: accept'],
  [
    'owned by Helm, drift accepted',
    { service: owned('helm'), policy: policy({ helmDrift: 'accept' }) },
    found,
    'candidate',
    'v1.0.1',
  ],
  [
    'owned by Argo CD, drift accepted',
    { service: owned('argocd'), policy: policy({ helmDrift: 'accept' }) },
    found,
    'held',
    'owned by argocd',
  ],
  ['owned, but nothing newer', { service: owned('argocd'), tags: same }, found, 'up-to-date', 'v1.0.0'],
  [
    'quarantined',
    { quarantined: [{ tag: 'v1.0.1', digest: digest('b'), reason: 'crash-loop' }] },
    found,
    'held',
    'v1.0.1 is quarantined until a person lifts it: crash-loop',
  ],
  [
    'quarantined before it was pushed again',
    { quarantined: [{ tag: 'v1.0.1', digest: digest('d') }] },
    found,
    'candidate',
    'v1.0.1',
  ],
  ['rejected', {}, { ...found, rejected: 'rejected by ann' }, 'held', 'until its digest changes: rejected by ann'],
  [
    'an upgrade that waits for a repair',
    { heldBy: 'upgrade 1 needs a person' },
    found,
    'held',
    'upgrade 1 needs a person',
  ],
  ['and nothing newer', { heldBy: 'upgrade 1 needs a person', tags: same }, found, 'held', 'upgrade 1 needs a person'],
  ['watched only', { policy: policy({ mode: 'watch' }) }, found, 'candidate', 'v1.0.1'],
])('%s', (_, input, digests, kind, reason) => {
  const { decision } = decide(input, digests)
  expect(decision.kind).toBe(kind)
  expect(decision.reason).toContain(reason)
})

test('a candidate carries tag, digest, policy and every tag explained', () => {
  expect(decide({}).decision).toMatchObject({
    namespace: 'hub',
    service: 'ledger',
    current: 'v1.0.0',
    currentDigest: digest('a'),
    candidate: { tag: 'v1.0.1', digest: digest('b') },
    policy: 'hub-core',
    mode: 'approve',
    tags: [
      { tag: 'v2.0.0', verdict: 'outside-strategy' },
      { tag: 'v1.0.1', verdict: 'chosen' },
      { tag: 'v1.0.0', verdict: 'running' },
    ],
  })
})

test('what is held still names its candidate, with every reason', () => {
  const { decision } = decide(
    { heldBy: 'upgrade 1 needs a person', service: owned('flux') },
    { ...found, rejected: 'rejected by ann' },
  )
  expect(decision.candidate).toEqual({ tag: 'v1.0.1', digest: digest('b') })
  expect(decision.reason.split('; ').slice(0, 3)).toEqual([
    'upgrade 1 needs a person',
    'v1.0.1 is not offered again until its digest changes: rejected by ann',
    'owned by flux moja: it would set ledger-api back',
  ])
})

test('a quarantined tag is explained as such', () => {
  const { decision } = decide({ quarantined: [{ tag: 'v1.0.1', digest: digest('b'), reason: 'crash-loop' }] })
  expect(decision.tags.find(({ tag }) => tag === 'v1.0.1')).toEqual({
    tag: 'v1.0.1',
    verdict: 'quarantined',
    reason: 'crash-loop',
  })
})

test('what is suspicious beside the list casts no doubt on it', () => {
  const { decision } = decide({ tags: same }, { candidate: null, running: null })
  expect(decision.kind).toBe('suspicious')
  expect(decision.doubted).toBeUndefined()
})

test('only what is needed is looked up, and only a good list is trusted', () => {
  expect(decide({})).toMatchObject({ asked: ['v1.0.1', 'image v1.0.1'], watchedTag: 'v1.0.1', trusted: true })
  expect(decide({ tags: same })).toMatchObject({ asked: ['v1.0.0'], watchedTag: 'v1.0.0', trusted: true })
  expect(decide({ tags: list([]) })).toMatchObject({ asked: [], trusted: false })
})

test('workloads on different tags: the lowest is current, and both are told', () => {
  const mixed = service({
    workloads: [
      workload({ containers: [container('v1.0.1')] }),
      workload({ name: 'consumer', containers: [container('v1.0.0')] }),
    ],
  })
  const { decision } = decide({ service: mixed })
  expect(decision).toMatchObject({ kind: 'candidate', current: 'v1.0.0', candidate: { tag: 'v1.0.1' } })
  expect(decision.reason).toContain('its workloads run v1.0.0 and v1.0.1')
})

test('a very long list keeps 1,000 tags, the chosen and the running one among them', () => {
  const noise = Array.from({ length: 3_000 }, (_, i) => `v9.0.0-alpha.${i}`)
  const { decision } = decide({ tags: list([...noise, 'v1.0.0', 'v1.0.1']) })
  expect(decision.tags).toHaveLength(1_000)
  expect(decision.tags.slice(-2).map(({ verdict }) => verdict)).toEqual(['chosen', 'running'])
})
