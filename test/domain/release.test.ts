import { parseAppVersion } from '../../src/domain/app-version'
import { strictestRules } from '../../src/domain/release'
import { cycleIn, wavesOf } from '../../src/domain/release-order'
import { combinedWindowState } from '../../src/domain/window'
import { askedOnce } from './fixtures'
import { outline, running } from './release-running'

test('what goes first is a wave of its own, and what has no order goes side by side', () => {
  const { targets, refusals, skipped } = outline()
  expect(refusals).toEqual([])
  expect(skipped).toEqual([])
  expect(targets.map(({ name, from, to, wave, after }) => [name, from, to, wave, after])).toEqual([
    ['ledger', 'v1.0.0', 'v1.1.0', 0, []],
    ['quoting', 'v1.0.0', 'v1.1.0', 1, ['hub/ledger']],
    ['settlement', 'v1.0.0', 'v1.1.0', 1, ['hub/ledger']],
  ])
})

test("the release's own order is added to that of refit.yaml, by image path or last segment, too", () => {
  const { targets } = outline({ order: [{ first: 'hub/quoting', then: ['settlement'] }] })
  expect(targets.map(({ name, wave }) => [name, wave])).toEqual([
    ['ledger', 0],
    ['quoting', 1],
    ['settlement', 2],
  ])
})

test('what stands between keeps its order although it is there already', () => {
  const { targets, skipped } = outline(
    {},
    [running('hub/ledger', 'v1.0.0'), running('hub/quoting', 'v1.1.0'), running('hub/settlement', 'v1.0.0')],
    [
      { first: 'hub/ledger', then: ['hub/quoting'] },
      { first: 'hub/quoting', then: ['hub/settlement'] },
    ],
  )
  expect(targets.map(({ name, wave, after }) => [name, wave, after])).toEqual([
    ['ledger', 0, []],
    ['settlement', 1, ['hub/ledger']],
  ])
  expect(skipped).toEqual([{ service: 'hub/quoting', why: 'already-there', reason: 'runs v1.1.0' }])
})

test('a held service is skipped and listed, with the way out', () => {
  const {
    targets,
    skipped,
    refusals: found,
  } = outline({ services: { 'hub/ledger': 'v1.1.0' } }, [running('hub/ledger', 'v1.0.0', { held: 'held by x' })], [])
  expect(targets).toEqual([])
  expect(found).toEqual([])
  expect(skipped).toEqual([
    { service: 'hub/ledger', why: 'held', reason: 'held by x; refit resolve hub/ledger once it is repaired' },
  ])
})

test('a person may name what the strategy would not offer, and leave out what does not run', () => {
  const { targets, skipped } = outline({ services: { 'hub/ledger': 'v9.0.0', 'hub/als': 'v1' }, skipMissing: true })
  expect(targets.map(({ to }) => to)).toEqual(['v9.0.0'])
  expect(skipped).toMatchObject([{ service: 'hub/als', why: 'missing' }])
})

test('an exact name counts before a glob', () => {
  const { targets } = outline({ services: { 'hub/*': 'v1.1.0', 'hub/ledger': 'v1.1.3' } })
  expect(targets.map(({ name, to }) => [name, to])).toEqual([
    ['ledger', 'v1.1.3'],
    ['quoting', 'v1.1.0'],
    ['settlement', 'v1.1.0'],
  ])
})

test.each([
  [[], undefined],
  [
    [
      ['a', 'b'],
      ['b', 'c'],
    ],
    undefined,
  ],
  [[['a', 'a']], ['a', 'a']],
  [
    [
      ['a', 'b'],
      ['b', 'c'],
      ['c', 'b'],
    ],
    ['b', 'c', 'b'],
  ],
] as [[string, string][], string[] | undefined][])('the cycle in %j is %j', (edges, cycle) => {
  expect(cycleIn(edges)).toEqual(cycle)
})

test('a diamond takes three waves', () => {
  expect(
    wavesOf(
      ['a', 'b', 'c', 'd'],
      [
        ['a', 'b'],
        ['a', 'c'],
        ['b', 'd'],
        ['c', 'd'],
      ],
    ).waves,
  ).toEqual([['a'], ['b', 'c'], ['d']])
})

test.each([
  [
    'central-ledger: v19.7.4; quoting-service: v17.2.0',
    { 'central-ledger': 'v19.7.4', 'quoting-service': 'v17.2.0' },
    0,
  ],
  ['a: v1;', { a: 'v1' }, 0],
  ['a: v1; a: v2', { a: 'v1' }, 1],
  ['a: v1; nonsense', { a: 'v1' }, 1],
] as const)('appVersion %j', (text, services, problems) => {
  const parsed = parseAppVersion(text)
  expect(parsed?.services).toEqual(services)
  expect(parsed?.problems).toHaveLength(problems)
})

test.each(['17.1.0', '', 'v1'])('appVersion %j lists no images', (text) => {
  expect(parseAppVersion(text)).toBeUndefined()
})

describe('one approval for several policies takes the strictest of each rule', () => {
  const asked = (more: Partial<typeof askedOnce> & { changeReference?: { required: boolean; pattern?: string } }) => ({
    ...askedOnce,
    ...more,
  })

  test('most people, shortest wait, verified if one wants that, the groups that all name', () => {
    const strict = strictestRules([
      asked({ required: 2, groups: ['ops', 'bank'] }),
      asked({ unverified: 'refuse', expiresMs: 5, groups: ['bank', 'cab'], makerChecker: true }),
      asked({ required: 0, groups: ['nobody'], expiresMs: 1 }),
    ])
    expect(strict).toMatchObject({
      kind: 'rules',
      rules: { required: 2, expiresMs: 5, unverified: 'refuse', groups: ['bank'], makerChecker: true },
    })
  })

  test('groups that nobody could satisfy with one vote are refused', () => {
    expect(strictestRules([asked({ groups: ['ops'] }), asked({ groups: ['bank'] })])).toMatchObject({ kind: 'refused' })
  })

  test('and so are two patterns of a change reference', () => {
    const of = (pattern: string) => asked({ changeReference: { required: true, pattern } })
    expect(strictestRules([of('A-.*'), of('B-.*')])).toMatchObject({ kind: 'refused' })
    expect(strictestRules([of('A-.*'), of('A-.*')])).toMatchObject({ kind: 'rules' })
  })

  test('where nobody is asked nobody is', () => {
    expect(strictestRules([asked({ required: 0 })])).toMatchObject({ rules: { required: 0 } })
  })
})

describe('the window that several policies share', () => {
  const at = (text: string): number => Date.parse(text)
  const nights = (cron: string, hours: number) => ({
    windows: [{ cron, durationMs: hours * 3_600_000, timeZone: 'UTC' }],
    freezes: [],
  })

  test('opens when the last of them opens, and closes with the first', () => {
    const both = [nights('0 1 * * *', 4), nights('0 3 * * *', 4)]
    expect(combinedWindowState(both, at('2026-11-24T00:00Z'))).toMatchObject({
      kind: 'closed',
      opensAt: at('2026-11-24T03:00Z'),
    })
    expect(combinedWindowState(both, at('2026-11-24T03:00Z'))).toMatchObject({
      kind: 'open',
      closesAt: at('2026-11-24T05:00Z'),
    })
    expect(combinedWindowState(both, at('2026-11-24T05:00Z'))).toMatchObject({
      kind: 'closed',
      opensAt: at('2026-11-25T03:00Z'),
    })
  })

  test('never opens where they never meet', () => {
    expect(
      combinedWindowState([nights('0 1 * * *', 1), nights('0 5 * * *', 1)], at('2026-11-24T00:00Z')),
    ).toMatchObject({
      kind: 'never',
    })
  })
})
