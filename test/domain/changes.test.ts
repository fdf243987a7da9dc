import { changeWords } from '../../src/domain/change-words'
import { changesOf } from '../../src/domain/changes'
import { digest } from './fixtures'

const of = (source: string | undefined, more = {}) =>
  changesOf(
    { digest: digest('b'), platforms: [], ...(source === undefined ? {} : { source }), ...more },
    { from: 'v1', to: 'v2' },
  )

test.each<[string, string | undefined, string | undefined]>([
  [
    'https://github.com/mojaloop/central-ledger',
    'https://github.com/mojaloop/central-ledger/compare/v1...v2',
    'https://github.com/mojaloop/central-ledger/releases/tag/v2',
  ],
  [
    'https://GitHub.com/mojaloop/central-ledger.git/',
    'https://github.com/mojaloop/central-ledger/compare/v1...v2',
    'https://github.com/mojaloop/central-ledger/releases/tag/v2',
  ],
  [
    'https://github.com/mojaloop/central-ledger/tree/main/docker',
    'https://github.com/mojaloop/central-ledger/compare/v1...v2',
    'https://github.com/mojaloop/central-ledger/releases/tag/v2',
  ],
  [
    'https://gitlab.example.org/group/sub/hub/-/tree/main',
    'https://gitlab.example.org/group/sub/hub/compare/v1...v2',
    'https://gitlab.example.org/group/sub/hub/-/releases/v2',
  ],
  ['https://code.example.org/hub/ledger', undefined, undefined],
  ['https://github.com/mojaloop', undefined, undefined],
])('%s is compared at %s', (source, compare, releaseNotes) => {
  const changes = of(source)
  expect([changes?.compare, changes?.releaseNotes]).toEqual([compare, releaseNotes])
  expect(changes?.source).toMatch(/^https:\/\//)
})

test.each([
  'http://github.com/a/b',
  'javascript:alert(1)',
  'https://user:secret@github.com/a/b',
  'https://github.com/a/b?x=<script>',
  'https://github.com/a/../../b',
  'https://github.com/a/b c',
  'https://github.com/a/b\nhttps://evil.example',
  'https://github.com/a/b|text>',
  `https://github.com/${'a'.repeat(600)}/b`,
  'git@github.com:a/b.git',
  '',
  undefined,
])('%j is no link', (source) => expect(of(source)).toBeUndefined())

test('text is one short line without control characters', () => {
  const changes = of(undefined, {
    revision: 'abc\u0007\u202edef',
    version: 'v'.repeat(5_000),
    changelog: `* fixes\r\n* more ${'x'.repeat(5_000)}`,
    created: 5,
  })
  expect(changes).toMatchObject({ revision: 'abc def', created: 5 })
  expect(changes?.version).toHaveLength(200)
  expect(changes?.changelog).toMatch(/^\* fixes \* more x+$/)
  expect(changes?.changelog).toHaveLength(500)
})

test('what its publisher says of a release is told, what to do first, and cut where it is too long', () => {
  const changes = of(undefined, {
    ...{
      change: 'security',
      todo: 'end all\nsessions.',
      migrations: '001_a.js',
      notes: `Security: ${'x'.repeat(900)}`,
    },
  })
  expect(changes).toMatchObject({ change: 'security', todo: 'end all sessions.', migrations: '001_a.js' })
  expect(changes?.notes).toHaveLength(800)
  const words = changeWords({ tag: 'v2', digest: digest('b'), ...(changes ? { changes } : {}) })
  expect(words).toMatch(
    /^Its publisher calls it security\. To do: end all sessions\. Data migrations: 001_a\.js\. Security: x+…$/,
  )
  expect(words).toHaveLength(400)
  expect(changeWords({ tag: 'v2', digest: digest('b'), changes: { migrations: 'none' } })).toBe('')
})

test('a moving tag has nothing to compare itself with', () =>
  expect(
    changesOf(
      { digest: digest('b'), platforms: [], source: 'https://github.com/a/b' },
      { from: 'latest', to: 'latest' },
    ),
  ).toEqual({ source: 'https://github.com/a/b' }))
