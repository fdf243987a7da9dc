import { RefitError } from '../../src/domain/errors'
import type { Order, Strategy } from '../../src/domain/policy'
import { extractorOf, filterProblem } from '../../src/domain/tag-filter'
import { isPlaced, orderOf } from '../../src/domain/tag-order'
import { explainTags, judgeTags } from '../../src/domain/tag-policy'

const filtered = (filter: string, order: Order, extract?: string): Strategy => ({
  filter,
  order,
  ...(extract ? { extract } : {}),
})
const choose = (current: string, tags: string[], strategy: Strategy, prerelease = 'none') =>
  explainTags({ current, tags: [current, ...tags], strategy, prerelease }).chosen

const builds = ['build-9', 'build-10', 'build-2', 'v1.0.0', 'latest', 'build-x']

test.each<[string, string, string[], Strategy, string | undefined]>([
  ['numbers by size, not by letter', 'build-9', builds, filtered('^build-(\\d+)$', 'numerical', '$1'), 'build-10'],
  ['by a named group', 'build-9', builds, filtered('^build-(?P<n>\\d+)$', 'numerical', '$n'), 'build-10'],
  ['never the same or a lower one', 'build-10', builds, filtered('^build-(\\d+)$', 'numerical', '$1'), undefined],
  [
    'numbers beyond what a float can tell apart',
    'n90071992547409930',
    ['n90071992547409931'],
    filtered('^n(\\d+)$', 'numerical', '$1'),
    'n90071992547409931',
  ],
  ['fractions', 'n1.5', ['n1.45', 'n1.50', 'n1.6'], filtered('^n(.+)$', 'numerical', '$1'), 'n1.6'],
  ['below zero', 'n-2', ['n-3', 'n-1'], filtered('^n(.+)$', 'numerical', '$1'), 'n-1'],
  ['leading zeros change nothing', 'n010', ['n9', 'n0010'], filtered('^n(.+)$', 'numerical', '$1'), undefined],
  [
    'the key in the middle of a commit and a flavour',
    'main-ab12-1694132169-slim',
    ['main-cd34-1696801785-slim', 'main-ef56-1696801799'],
    filtered('^main-[0-9a-f]+-(?P<ts>\\d+)-slim$', 'numerical', '$ts'),
    'main-cd34-1696801785-slim',
  ],
  ['calver', '2024.9.1', ['2024.10.0', '2023.12.9'], filtered('^\\d{4}\\..*', 'calver'), '2024.10.0'],
  ['calver with leading zeros', '24.04', ['24.10', '23.10', '24.1'], filtered('.*', 'calver'), '24.10'],
  [
    'another shape of a date is another habit',
    '2024.04',
    ['2024.04.1', '2024-05'],
    filtered('.*', 'calver'),
    undefined,
  ],
  ['another length of year, too', '24.04', ['2024.10'], filtered('.*', 'calver'), undefined],
  [
    'instants',
    '2023-07-21T11-33-04Z',
    ['2023-07-21T11-33-05Z', '2023-07-21T11-34'],
    filtered('.*', 'calver'),
    '2023-07-21T11-33-05Z',
  ],
  ['letters', 'bookworm', ['bullseye', 'trixie', 'stable'], filtered('^[a-z]+$', 'alphabetical'), 'trixie'],
  [
    'versions within a name, with their channels',
    'app-1.2.0-prod',
    ['app-1.3.0-prod', 'app-1.4.0-rc.1-prod', 'web-9.0.0-prod', 'app-1.4-prod'],
    filtered('^app-(.+)-prod$', 'semver', '$1'),
    'app-1.3.0-prod',
  ],
  [
    'an extract of several groups',
    'r-5-2024',
    ['r-1-2025', 'r-6-2023'],
    filtered('^r-(\\d+)-(\\d+)$', 'calver', '$2.$1'),
    'r-1-2025',
  ],
  ['what runs is not matched', 'v1.0.0', builds, filtered('^build-(\\d+)$', 'numerical', '$1'), undefined],
  ['one-part tags among themselves', '7', ['8', '7.1', '10', '20240501', '8-alpine'], 'major', '10'],
  ['and only by strategy major', '7', ['8'], 'minor', undefined],
  ['a one-part tag beside three parts', '1.4.5', ['3050'], 'major', undefined],
])('%s', (_, current, tags, strategy, expected) => expect(choose(current, tags, strategy)).toBe(expected))

test('a channel holds within the extracted part, too', () =>
  expect(choose('app-1.2.0', ['app-1.3.0-rc.1'], filtered('^app-(.+)$', 'semver', '$1'), 'rc')).toBe('app-1.3.0-rc.1'))

test('of two tags with the same key the same one wins, however the list is ordered', () => {
  const strategy = filtered('^n(\\d+)', 'numerical', '$1')
  expect(choose('n1', ['n2-a', 'n2-b'], strategy)).toBe(choose('n1', ['n2-b', 'n2-a'], strategy))
})

test('each tag has its verdict and a reason', () => {
  const { explanations } = judgeTags({
    current: 'build-9',
    tags: [...builds, `sha256-${'a'.repeat(64)}.sig`, `sha256-${'a'.repeat(64)}`, 'x'.repeat(10_240), 'a b', ''],
    strategy: filtered('^build-(.*)$', 'numerical', '$1'),
    prerelease: 'none',
  })
  expect(explanations.map(({ tag, verdict, reason }) => `${tag.slice(0, 12)} ${verdict}: ${reason}`)).toEqual([
    'build-10 chosen: allowed by numerical order of ^build-(.*)$ from build-9',
    'build-9 running: runs now',
    'build-2 older: not newer than build-9',
    'v1.0.0 filtered: the filter does not match it',
    'latest floating: moves from image to image',
    'build-x not-a-version: no number in x',
    'sha256-aaaaa not-a-version: holds a signature, an attestation or an SBOM of another image',
    'sha256-aaaaa not-a-version: holds a signature, an attestation or an SBOM of another image',
    'xxxxxxxxxxxx not-a-version: not what a tag may look like',
    'a b not-a-version: not what a tag may look like',
    ' not-a-version: not what a tag may look like',
  ])
  expect(Math.max(...explanations.map(({ tag }) => tag.length))).toBe(128)
})

test.each([
  ['(', undefined, 'filter'],
  ['', undefined, 'filter'],
  ['(?=x)', undefined, 'filter'],
  ['a'.repeat(301), undefined, 'filter'],
  ['((a{100}){100}){100}', undefined, 'filter'],
  ['(a)', '$2', 'extract'],
  ['(?P<ts>a)', '$tss', 'extract'],
  ['(a)', 'a', 'extract'],
  ['(a)', '$', 'extract'],
  ['(a)', '$toString', 'extract'],
  ['(a)', '$1'.repeat(200), 'extract'],
])('the filter %j with extract %j is refused', (filter, extract, key) => {
  const strategy = { filter, ...(extract === undefined ? {} : { extract }) }
  expect(filterProblem(strategy)?.key).toBe(key)
  expect(() => extractorOf(strategy)).toThrow(RefitError)
})

test.each([
  ['^v(\\d+)', '$1', 'v12-x', '12'],
  ['^v(\\d+)', undefined, 'v12-x', 'v12'],
  ['^(?P<y>\\d+)-(?P<m>\\d+)$', '${y}0$m', '2024-5', '202405'],
  ['^(?<y>\\d+)', '$$$y', '2024', '$2024'],
  ['(a)|(b)', '$1$2', 'b', 'b'],
  ['x', undefined, 'y', undefined],
])('%s with %s takes from %s: %s', (filter, extract, tag, expected) =>
  expect(extractorOf({ filter, ...(extract ? { extract } : {}) })(tag)).toBe(expected),
)

// A pattern that backtracks would not end within the net of a test.
test.each<Strategy>(['major', { filter: '(a+)+$', order: 'alphabetical' }, { filter: '.*', order: 'calver' }])(
  'a tag that is made to take for ever gets its place: %j',
  (strategy) => {
    const tags = ['a'.repeat(10_240), `${'1'.repeat(127)}x`, `1${'.1'.repeat(60)}!`, `1.2.3-${'rc.'.repeat(40)}`]
    expect(tags.map((tag) => isPlaced(orderOf(strategy).read(tag)))).toHaveLength(tags.length)
  },
)

// Work that grew with the square of the tags would not end within the net of a test.
test('each of 500,000 tags gets its word', () => {
  const tags = Array.from({ length: 500_000 }, (_, i) => `v${i % 30}.${i % 100}.${i}${i % 3 === 0 ? `-rc.${i}` : ''}`)
  const { eligible, explanations } = judgeTags({ current: 'v1.1.1', tags, strategy: 'minor', prerelease: 'none' })
  expect(explanations).toHaveLength(500_000)
  expect(eligible[0]).toMatch(/^v1\.91\./)
})
