import { imageWatcherAnswer } from '../../src/domain/image-watcher'

const tags = [
  'v17.0.0',
  'v17.7.0',
  'v17.7.1',
  'v17.7.1-snapshot.4',
  'v17.8.0-snapshot.2',
  'v20.0.0-snapshot.0',
  'v8.7.0',
  'v8.7.0.19-snapshot',
  'latest',
  'v1.0',
]

test.each([
  ['a release beats its own snapshots', 'v17.7.0', 'bugfix', 'v17.7.1'],
  ['a later snapshot beats every release', 'v17.7.0', 'minor', 'v17.8.0-snapshot.2'],
  ['and goes to production with major', 'v17.7.0', 'major', 'v20.0.0-snapshot.0'],
  ['a four-part branch build counts as a bugfix', 'v8.7.0', 'bugfix', 'v8.7.0.19-snapshot'],
  ['the newest candidate may be the one that runs', 'v17.7.1', 'bugfix', 'v17.7.1'],
  ['a running version newer than the list is downgraded', 'v99.0.0', 'major', 'v20.0.0-snapshot.0'],
  ['or has no answer', 'v99.0.0', 'minor', undefined],
  ['parts are compared as text, so a missing v finds nothing', '17.7.0', 'minor', undefined],
] as const)('%s', (_, current, strategy, expected) =>
  expect(imageWatcherAnswer(current, tags, strategy)).toBe(expected),
)

test('a typo beats every version', () =>
  expect(imageWatcherAnswer('v24.0.0', ['v24.0.0', 'v24.1.0', 'v.11.12.0'], 'major')).toBe('v.11.12.0'))
