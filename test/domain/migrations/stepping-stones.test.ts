import { steppingStones, type ReleaseMigrations } from '../../../src/domain/migrations/stepping-stones'

const release = (name: string, files: string, contracts = ''): ReleaseMigrations => ({
  name,
  files: files.split(' ').filter(Boolean),
  contracts: contracts.split(' ').filter(Boolean),
})
type Releases = [ReleaseMigrations, ...ReleaseMigrations[]]

test.each<[string, Releases, object]>([
  [
    'nothing stands in the way of a jump',
    [release('v1', '1'), release('v2', '1 2'), release('v3', '1 2 3')],
    { kind: 'path', through: ['v3'], why: [] },
  ],
  [
    'a contract file of a release between: the release before it goes first',
    [release('v1', '1'), release('v2', '1 2'), release('v3', '1 2 3', '3'), release('v4', '1 2 3 4', '3')],
    { kind: 'path', through: ['v2', 'v4'], why: [expect.stringContaining('3 removes what v1 needs; v2 goes first')] },
  ],
  [
    'two contracts make two stones',
    [release('v1', '1'), release('v2', '1 2'), release('v3', '1 2 3', '3'), release('v4', '1 2 3 4', '3 4')],
    { kind: 'path', through: ['v2', 'v3', 'v4'], why: expect.any(Array) },
  ],
  [
    'the contract of the next release is no hindrance',
    [release('v1', '1'), release('v2', '1 2', '2')],
    { kind: 'path', through: ['v2'], why: [] },
  ],
  [
    'a release that withdrew a file is jumped over, not gone through',
    [release('v1', '1'), release('v2', '1 2'), release('v3', '1 3')],
    { kind: 'path', through: ['v3'], why: [] },
  ],
  [
    'a file that is gone for good is refused',
    [release('v1', '1 2'), release('v2', '1'), release('v3', '1 3')],
    { kind: 'refused', why: ['v3 after v1: knex refuses, it has no 2'] },
  ],
  [
    'a renamed file that a later release has under both names',
    [release('v1', '1 a'), release('v2', '1 b'), release('v3', '1 a b')],
    { kind: 'path', through: ['v3'], why: [] },
  ],
  ['the same release', [release('v1', '1')], { kind: 'refused', why: ['there is no later release'] }],
])('%s', (_what, releases, answer) => {
  expect(steppingStones({ releases })).toEqual(answer)
})

test('what the database really has decides', () => {
  const releases: Releases = [release('v1', '1'), release('v2', '1 2'), release('v3', '1 3')]
  expect(steppingStones({ releases, applied: ['1', '2'] })).toEqual({
    kind: 'refused',
    why: [expect.stringContaining('knex refuses, it has no 2'), expect.stringContaining('v3 after v2')],
  })
})
