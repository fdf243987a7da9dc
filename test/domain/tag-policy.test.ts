import type { Strategy } from '../../src/domain/policy'
import { explainTags } from '../../src/domain/tag-policy'
import { strategyWords } from '../../src/domain/version-rules'

const choose = (current: string, tags: string[], strategy: Strategy, prerelease = 'none') =>
  explainTags({ current, tags: [current, ...tags], strategy, prerelease }).chosen

const line = ['v1.0.1', 'v1.0.1.1', 'v1.0.2', 'v1.1.0', 'v1.1.5', 'v2.0.0', 'v3.0.0-rc.1', 'v0.9.0', 'latest']

test.each<[string, string, string[], Strategy, string | undefined]>([
  ['bugfix stays within x.y', 'v1.0.0', line, 'bugfix', 'v1.0.2'],
  ['minor stays within x', 'v1.0.0', line, 'minor', 'v1.1.5'],
  ['major goes anywhere', 'v1.0.0', line, 'major', 'v2.0.0'],
  ['a new major hides no bugfix', 'v1.1.0', line, 'bugfix', 'v1.1.5'],
  ['patch takes hot-fixes of the same x.y.z only', 'v1.0.1', line, 'patch', 'v1.0.1.1'],
  ['patch takes the hot-fix suffix, too', 'v5.1.1', ['v5.1.1-hotfix.1', 'v5.1.2'], 'patch', 'v5.1.1-hotfix.1'],
  ['patch takes the next hot-fix', 'v1.0.1.1', ['v1.0.1', 'v1.0.1.2', 'v1.0.1.10', 'v1.0.2'], 'patch', 'v1.0.1.10'],
  ['other strategies leave a hot-fix by the next release', 'v1.0.1.1', line, 'bugfix', 'v1.0.2'],
  ['and never take one', 'v1.0.2', ['v1.0.2.1', 'v1.0.3.1'], 'bugfix', undefined],
  ['a range', 'v1.0.0', line, { range: '^1' }, 'v1.1.5'],
  ['a range that excludes everything newer', 'v1.0.0', line, { range: '<1.0.0' }, undefined],
  ['a range never goes back', 'v2.0.0', line, { range: '1.x' }, undefined],
  ['a range that nobody can read', 'v1.0.0', line, { range: '^^' }, undefined],
  ['nothing newer', 'v2.0.0', line, 'major', undefined],
  ['the running one deleted and everything older', 'v9.0.0', line, 'major', undefined],
  ['an empty list', 'v1.0.0', [], 'major', undefined],
  ['v and no v are never mixed', 'v1.0.0', ['1.0.1', '2.0.0'], 'major', undefined],
  ['no v to no v', '1.0.0', ['1.0.1', 'v2.0.0'], 'major', '1.0.1'],
  ['alpine stays alpine', '3.7.0-alpine', ['3.8.2', '3.7.1-alpine', '3.9.0-slim'], 'major', '3.7.1-alpine'],
  ['plain stays plain', '3.7.0', ['3.8.0-alpine', '3.7.1'], 'major', '3.7.1'],
  [
    'a flavour with a version of its own must be equal',
    '3.7.0-alpine3.19',
    ['3.7.1-alpine3.20', '3.7.1-alpine3.19'],
    'major',
    '3.7.1-alpine3.19',
  ],
  ['two parts and three are never mixed', '2.1', ['2.1.1', '2.2'], 'major', '2.2'],
  ['three and two neither', '2.1.0', ['2.2', '2.1.1', '3'], 'major', '2.1.1'],
  ['numbers are numbers', 'v1.9.0', ['v1.10.0', 'v1.9.1'], 'minor', 'v1.10.0'],
  [
    'malformed and floating tags never win',
    'v1.0.0',
    ['v.11.12.0', 'v', 'test-ci', 'snapshot', 'minor-foo', 'V2.0.0', '3050'],
    'major',
    undefined,
  ],
])('%s', (_, current, tags, strategy, expected) => expect(choose(current, tags, strategy)).toBe(expected))

const staged = ['v1.1.0-snapshot.2', 'v1.1.0-snapshot.10', 'v1.1.0-infitx.99', 'v1.0.1', 'v1.2.0-rc.1']

test.each([
  ['hidden by default', 'v1.0.0', staged, 'none', 'v1.0.1'],
  ['one channel by name', 'v1.0.0', staged, 'snapshot', 'v1.1.0-snapshot.10'],
  ['another channel', 'v1.0.0', staged, 'infitx', 'v1.1.0-infitx.99'],
  ['names are not case-sensitive', 'v1.0.0', ['v1.1.0-SNAPSHOT'], 'Snapshot', 'v1.1.0-SNAPSHOT'],
  ['a release beats its own pre-releases', 'v1.0.0', [...staged, 'v1.1.0'], 'snapshot', 'v1.1.0'],
  ['a running pre-release moves to its release', 'v1.1.0-rc.1', ['v1.1.0-rc.2', 'v1.1.0'], 'none', 'v1.1.0'],
  ['but not to the next pre-release', 'v1.1.0-rc.1', ['v1.1.0-rc.2', 'v1.0.9'], 'none', undefined],
  ['unless its channel is named', 'v1.1.0-rc.1', ['v1.1.0-rc.2', 'v1.0.9'], 'rc', 'v1.1.0-rc.2'],
  ['two channels of one release have no order', 'v1.1.0-infitx.9', ['v1.1.0-snapshot.1'], 'snapshot', undefined],
  ['of a later release they have', 'v1.1.0-infitx.9', ['v1.1.1-snapshot.1'], 'snapshot', 'v1.1.1-snapshot.1'],
  ['hot-fixes may be named as a channel', 'v1.0.0', ['v1.0.1-hotfix.1'], 'hotfix', 'v1.0.1-hotfix.1'],
  ['pre-release of the right flavour', '1.24-alpine', ['1.25-rc1-alpine', '1.25-rc2'], 'rc', '1.25-rc1-alpine'],
])('pre-releases: %s', (_, current, tags, prerelease, expected) =>
  expect(choose(current, tags, 'minor', prerelease)).toBe(expected),
)

test('every tag is explained once, newest first, unreadable ones last', () => {
  const tags = [
    'latest',
    'v1.0.0',
    'v1.0.1',
    'v1.0.2',
    'v1.0.2',
    'v1.1.0',
    'v2.0.0-rc.1',
    'v0.9.0',
    '1.5.0',
    'v1.4',
    'v1.0.3-alpine',
    'v1.0.0.7',
    'v',
  ]
  const { chosen, explanations } = explainTags({
    current: 'v1.0.0',
    tags,
    strategy: 'bugfix',
    prerelease: 'none',
  })
  expect(chosen).toBe('v1.0.2')
  expect(explanations.map(({ tag, verdict, reason }) => `${tag} ${verdict}: ${reason}`)).toEqual([
    'v2.0.0-rc.1 pre-release: pre-release (rc); the policy takes none',
    '1.5.0 other-precision: lacks the v of v1.0.0',
    'v1.4 other-precision: has 2 numbers, v1.0.0 has 3',
    'v1.1.0 outside-strategy: beyond bugfix from v1.0.0',
    'v1.0.3-alpine other-suffix: is the alpine flavour',
    'v1.0.2 chosen: newest that bugfix allows from v1.0.0',
    'v1.0.1 superseded: v1.0.2 is newer',
    'v1.0.0.7 outside-strategy: a hot-fix of 1.0.0; only strategy patch takes it, or hotfixes: accept',
    'v1.0.0 running: runs now',
    'v0.9.0 older: not newer than v1.0.0',
    'latest floating: moves from image to image',
    'v not-a-version: not a version such as 1.2.3',
  ])
})

test('a running tag that is no version chooses nothing', () => {
  const { chosen, explanations } = explainTags({
    current: 'latest',
    tags: ['latest', 'v1.0.0'],
    strategy: 'major',
    prerelease: 'none',
  })
  expect(chosen).toBeUndefined()
  expect(explanations[0]?.reason).toContain('latest is not a version')
})

test('each of 10,000 tags is explained', () => {
  const tags = Array.from(
    { length: 10_000 },
    (_, i) => `v${i % 7}.${i % 100}.${i}${i % 3 === 0 ? `-snapshot.${i}` : ''}`,
  )
  const { chosen, explanations } = explainTags({
    current: 'v1.1.1',
    tags,
    strategy: { range: '>=1 <7' },
    prerelease: 'none',
  })
  expect(explanations).toHaveLength(10_000)
  expect(chosen).toMatch(/^v6\./)
})

test('strategies have names', () => {
  expect(strategyWords('patch')).toContain('hot-fixes of the same x.y.z')
  expect(strategyWords({ range: '^17' })).toBe('range ^17')
})
