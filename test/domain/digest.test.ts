import { type DigestFacts, digestAlert, digestSections, digestTitle, digestWarnings } from '../../src/domain/digest'

const at = (text: string): number => Date.parse(text)
const hub = { name: 'green-hub', environment: 'production' }
const quiet: DigestFacts = {
  from: at('2026-11-23T19:00:00Z'),
  to: at('2026-11-24T07:00:00Z'),
  ...{ freezes: [], lifted: [], paused: [], held: [], waiting: [], queued: [], running: [], ended: [] },
  scan: { endedAt: at('2026-11-24T06:58:00Z'), complete: true, summary: '3 up-to-date', stale: false },
  ...{ windows: [], unsupported: [], undelivered: 0 },
}
const told = (name: string, words = 'v1.0.0 → v1.0.1 waits for a person') => ({
  ...{ name, from: 'v1.0.0', to: 'v1.0.1', words, at: at('2026-11-24T01:00:00Z') },
})
const freeze = {
  ...{ id: '1', namespace: null, reason: 'incident', by: 'ana', verified: false, at: at('2026-11-24T02:00:00Z') },
}
const busy: DigestFacts = {
  ...quiet,
  freezes: [freeze],
  held: [told('hub/ledger', 'putting it back failed')],
  waiting: [told('hub/quoting', 'an approval of plan abcdef123456')],
  queued: [told('hub/settlement', 'the window until 2026-11-28T02:00:00Z')],
  running: [told('hub/gate', 'watching the new pods for 600 s')],
  ended: [{ ...told('hub/fees', 'v1.0.1 runs and stayed healthy'), outcome: 'succeeded' }],
  windows: [
    { policy: 'core', open: false, at: at('2026-11-28T02:00:00Z') },
    { policy: 'rest', open: true, at: at('2026-11-24T09:00:00Z') },
    { policy: 'frozen', open: false, at: null },
  ],
  unsupported: [{ name: 'hub/old', reason: 'its line 1.x ended on 2026-06-30' }],
  undelivered: 2,
}

describe('how much there is of what', () => {
  test.each<[string, DigestFacts, string]>([
    ['nothing', quiet, 'nothing waits, nothing happened'],
    ['everything', busy, '1 held, 1 waiting for approval, 1 running, 1 waiting for their time, 1 ended'],
  ])('%s', (_name, facts, title) => expect(digestTitle(facts)).toBe(title))
})

describe('what is told before everything else', () => {
  const scan = { endedAt: at('2026-11-23T06:58:00Z'), complete: true, summary: '', stale: true }
  test.each<[string, Partial<DigestFacts>, string[]]>([
    ['nothing', {}, []],
    [
      'a freeze',
      { freezes: [freeze] },
      ['the whole hub is frozen since 2026-11-24T02:00:00Z by ana (unverified): incident'],
    ],
    [
      'a Schedule that is paused',
      { paused: [{ schedule: 'refit/scan', note: 'paused by ana' }] },
      ['Schedule refit/scan is paused: paused by ana'],
    ],
    ['no scan yet', { scan: null }, ['no scan has run yet: nothing is known']],
    ['an old scan', { scan }, ['the last scan ended at 2026-11-23T06:58:00Z: what is said here may be old']],
    [
      'a scan that missed something',
      { scan: { ...scan, stale: false, complete: false } },
      ['the last scan could not read every image'],
    ],
    ['alerts that did not arrive', { undelivered: 1 }, ['1 alert has not reached their target']],
  ])('%s', (_name, changed, lines) => expect(digestWarnings({ ...quiet, ...changed })).toEqual(lines))
})

test('every section is told, what needs somebody first', () => {
  expect(digestSections(busy)).toEqual([
    {
      title: 'held, needs a person',
      lines: ['hub/ledger v1.0.0 → v1.0.1, held since 2026-11-24T01:00:00Z: putting it back failed'],
    },
    {
      title: 'waiting for an approval',
      lines: ['hub/quoting v1.0.0 → v1.0.1, since 2026-11-24T01:00:00Z: an approval of plan abcdef123456'],
    },
    { title: 'running', lines: ['hub/gate v1.0.0 → v1.0.1: watching the new pods for 600 s'] },
    {
      title: 'waiting for their time',
      lines: ['hub/settlement v1.0.0 → v1.0.1: the window until 2026-11-28T02:00:00Z'],
    },
    {
      title: 'ended in the last 12 h',
      lines: ['hub/fees v1.0.0 → v1.0.1 succeeded at 2026-11-24T01:00:00Z: v1.0.1 runs and stayed healthy'],
    },
    {
      title: 'next windows',
      lines: [
        'core: opens at 2026-11-28T02:00:00Z',
        'rest: open now, until 2026-11-24T09:00:00Z',
        'frozen: never opens',
      ],
    },
    { title: 'unsupported', lines: ['hub/old: its line 1.x ended on 2026-06-30'] },
  ])
  expect(digestSections(quiet)).toEqual([])
})

test('a long list is cut, and says by how much', () => {
  const waiting = Array.from({ length: 10_000 }, (_, i) => told(`hub/service-${i}`))
  const [section] = digestSections({ ...quiet, waiting })
  expect(section?.lines).toHaveLength(11)
  expect(section?.lines.at(-1)).toBe('… and 9990 more: refit status')
})

describe('the alert', () => {
  test('is of level action and has the slot as its key, also when nothing waits', () => {
    const alert = digestAlert(hub, '2026-11-24T07:00', quiet)
    expect(alert).toMatchObject({ key: 'digest/2026-11-24T07:00', level: 'action', hub: 'green-hub' })
    expect(alert.text).toContain('*green-hub* (production): digest: nothing waits, nothing happened')
    expect(alert.text).toContain('last scan 2026-11-24T06:58:00Z: 3 up-to-date')
  })

  test('names the commands to run, the most urgent three', () => {
    expect(digestAlert(hub, 'x', busy).text).toContain(
      '```\nrefit unfreeze\nrefit status hub/ledger\nrefit approve hub/quoting\n```',
    )
    expect(digestAlert(hub, 'x', quiet).text).toContain('```\nrefit status\n```')
  })

  test('lets foreign text do nothing', () => {
    const held = [told('hub/ledger', '<!channel> `rm`')]
    expect(digestAlert(hub, 'x', { ...quiet, held }).text).toContain("&lt;!channel&gt; 'rm'")
  })
})
