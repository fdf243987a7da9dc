import { compareVersions, parseVersion } from '../../src/domain/version'

const release = (numbers: number[], more = {}) => ({ prefix: 'v', numbers, channel: '', rest: [], suffix: '', ...more })

test.each([
  ['v1.2.3', release([1, 2, 3])],
  ['1.2.3', release([1, 2, 3], { prefix: '' })],
  ['v1.2', release([1, 2])],
  ['7', release([7], { prefix: '' })],
  ['v3050', release([3050])],
  ['7-alpine', release([7], { prefix: '', suffix: 'alpine' })],
  ['7-rc1', release([7], { prefix: '', channel: 'rc', rest: [1] })],
  ['v15.1.2.1', release([15, 1, 2, 1], { hotfix: 'number' })],
  ['v5.1.1-hotfix.1', release([5, 1, 1, 1], { hotfix: 'hotfix' })],
  ['v11.0.0-patch.3', release([11, 0, 0, 3], { hotfix: 'patch' })],
  ['v15.1.2.1-snapshot.3', release([15, 1, 2, 1], { hotfix: 'number', channel: 'snapshot', rest: [3] })],
  ['v19.14.0-snapshot.2', release([19, 14, 0], { channel: 'snapshot', rest: [2] })],
  ['v8.8.0-snapshot', release([8, 8, 0], { channel: 'snapshot' })],
  ['v1.0-SNAPSHOT', release([1, 0], { channel: 'snapshot' })],
  ['v19.13.0-infitx.27', release([19, 13, 0], { channel: 'infitx', rest: [27] })],
  ['v19.13.0-iad-786.6', release([19, 13, 0], { channel: 'iad-786', rest: [6] })],
  ['v10.5.2-versioning-poc-v1.2.1', release([10, 5, 2], { channel: 'versioning-poc-v1', rest: [2, 1] })],
  ['v1.0.0-rc1', release([1, 0, 0], { channel: 'rc', rest: [1] })],
  ['v1.0.0-rc.1', release([1, 0, 0], { channel: 'rc', rest: [1] })],
  ['v2.3.0-rc.0.18.g1abb7b5dd', release([2, 3, 0], { channel: 'rc', rest: [0, 18, 'g1abb7b5dd'] })],
  ['3.8.0b1-alpine', release([3, 8, 0], { prefix: '', channel: 'b', rest: [1], suffix: 'alpine' })],
  ['1.25-rc1-alpine', release([1, 25], { prefix: '', channel: 'rc', rest: [1], suffix: 'alpine' })],
  ['3.7.0-alpine', release([3, 7, 0], { prefix: '', suffix: 'alpine' })],
  ['3.7.0-alpine3.20', release([3, 7, 0], { prefix: '', suffix: 'alpine3.20' })],
  ['3.7.0-python3.11', release([3, 7, 0], { prefix: '', suffix: 'python3.11' })],
  ['12.7.0-debian-10-r100', release([12, 7, 0], { prefix: '', suffix: 'debian-10-r100' })],
  ['0.6.12-ls132', release([0, 6, 12], { prefix: '', suffix: 'ls132' })],
  ['7.9.1-1-ubi8', release([7, 9, 1], { prefix: '', suffix: '1-ubi8' })],
  ['v10.3.0.2-pisp', release([10, 3, 0, 2], { hotfix: 'number', suffix: 'pisp' })],
  ['v1.1.0-base', release([1, 1, 0], { suffix: 'base' })],
])('%s is a version', (tag, expected) => expect(parseVersion(tag)).toEqual({ tag, ...expected }))

test.each([
  'latest',
  'snapshot',
  'minor-foo',
  'v.11.12.0',
  'v',
  'l',
  'test-ci',
  'v10.5.2.0.0-pisp',
  'v9.1.0.perf.1',
  '3050123',
  '12b345',
  '01',
  '0a1b2c3',
  '01.2.3',
  '1.2.3-',
  '1.2.3+build',
  '1.2.1234567890',
  'fix__50',
  '',
])('%j is none', (tag) => expect(parseVersion(tag)).toBeUndefined())

test('one order: stages before the release, the release before its hot-fixes, numbers as numbers', () => {
  const ordered = [
    '1.2.2.9',
    '1.2.3-alpha.2',
    '1.2.3-alpha.10',
    '1.2.3-beta',
    '1.2.3-beta.1',
    '1.2.3-beta.1.x',
    '1.2.3-snapshot',
    '1.2.3',
    '1.2.3.0',
    '1.2.3.1-snapshot.1',
    '1.2.3.1',
    '1.2.3-hotfix.2',
    '1.2.10',
    '1.10.0',
    '10.0.0',
  ]
  const shuffled = [...ordered].sort((a, b) =>
    a.split('').reverse().join('') < b.split('').reverse().join('') ? -1 : 1,
  )
  const sorted = shuffled.map((tag) => parseVersion(tag)!).sort(compareVersions)
  expect(sorted.map(({ tag }) => tag)).toEqual(ordered)
})
