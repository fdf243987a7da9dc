import { parseConfig } from '../../src/config'
import { decision, fakeStore, minutesAgo } from '../operations/support'
import { refit } from './support'

/** The tests' now is Monday 2026-11-23, 10:00 UTC. */
const configOf = (windows: string, more = '') =>
  parseConfig({
    name: 'refit.yaml',
    env: {},
    text: `
hub: { name: green-hub, environment: test }
policies:
  - { name: core, select: { namespaces: [hub], images: ['*/hub/*'] }, mode: approve, windows: [${windows}]${more} }
  - { name: rest, select: { namespaces: [hub], images: ['*'] } }
`,
  })
const saturday = "{ cron: '0 2 * * SAT', duration: 3h, timeZone: Africa/Nairobi }"
const config = configOf(saturday, ', freezes: [{ from: 2026-12-05, to: 2026-12-13, timeZone: Africa/Nairobi }]')
const store = (more: Parameters<typeof fakeStore>[0] = {}) => fakeStore({ decisions: [decision()], ...more }).store
const minute = 60_000

test('shows the next openings in the zone of the window and in UTC, the latest start and what hides one', async () => {
  const { code, out } = await refit('windows hub/ledger --next 3', {
    config,
    store: store({ durations: [30 * minute] }),
  })
  expect(code).toBe(0)
  expect(out.split('\n').map((line) => line.replace(/ {2,}/g, ' | '))).toEqual([
    'hub/ledger: policy core',
    'now | no window is open; it opens Sat 2026-11-28 02:00 (Africa/Nairobi)',
    'rule 1 | 0 2 * * SAT for 3 h (Africa/Nairobi)',
    'expected | 30 min (learned from earlier upgrades); when a window closes: finish',
    '',
    'OPENS (Africa/Nairobi) | CLOSES | UTC | RULE | LATEST START | NOTE',
    'Sat 2026-11-28 02:00 | Sat 2026-11-28 05:00 | 2026-11-27T23:00:00Z to 2026-11-28T02:00:00Z | 1 | Sat 2026-11-28 04:30',
    'Sat 2026-12-05 02:00 | Sat 2026-12-12 05:00 | 2026-12-04T23:00:00Z to 2026-12-12T02:00:00Z | 1 | - | 2 openings hidden by the freeze from 2026-12-05 to 2026-12-13 (Africa/Nairobi)',
    'Sat 2026-12-19 02:00 | Sat 2026-12-19 05:00 | 2026-12-18T23:00:00Z to 2026-12-19T02:00:00Z | 1 | Sat 2026-12-19 04:30',
    '',
  ])
})

test('its JSON has instants and the reason', async () => {
  const found = (await refit('windows ledger --next 1 -o json', { config, store: store() })).json()
  expect(found).toMatchObject({
    ...{ namespace: 'hub', service: 'ledger', policy: 'core', timeZone: 'Africa/Nairobi' },
    expected: { source: 'guess' },
    state: { kind: 'closed', because: 'window' },
    openings: [
      {
        kind: 'open',
        from: '2026-11-27T23:00:00.000Z',
        fromLocal: 'Sat 2026-11-28 02:00',
        rules: [1],
        tooShort: false,
      },
    ],
  })
})

test('a freeze that a person switched on comes first', async () => {
  const freezes = [
    { id: '1', namespace: 'hub', reason: 'month end', by: 'ana', verified: false, at: minutesAgo(5), lifted: null },
  ]
  const { out } = await refit('windows hub/ledger', { config, store: store({ freezes }) })
  expect(out).toContain('namespace hub is frozen by ana until somebody lifts it (refit unfreeze): month end')
})

test('an opening that is too short for the upgrade is told as such', async () => {
  const { out } = await refit('windows hub/ledger --next 1', { config, store: store({ durations: [240 * minute] }) })
  expect(out).toContain('it never opens: no window is as long as the upgrade is expected to take (4 h)')
  expect(out).toContain('too short')
})

test('without a service there is a line per policy, and nothing but refit.yaml is read', async () => {
  const run = await refit('windows', { config })
  expect(run.out.split('\n').map((line) => line.replace(/ {2,}/g, ' | '))).toEqual([
    'POLICY | NOW | OPEN NEXT | UTC | WHY',
    'core (approve) | closed | Sat 2026-11-28 02:00 to Sat 2026-11-28 05:00 (Africa/Nairobi) | 2026-11-27T23:00:00Z | no window is open; it opens Sat 2026-11-28 02:00 (Africa/Nairobi)',
    'rest (watch) | open | any time | 2026-11-23T10:00:00Z | it is open, and nothing closes it',
    '',
  ])
  expect(run.opened).toEqual(['config'])
})

test('status tells when a service may be upgraded next', async () => {
  expect((await refit('status', { config, store: store() })).out).toContain('Sat 2026-11-28 02:00 (Africa/Nairobi)')
  expect((await refit('status hub/ledger', { config, store: store() })).out).toContain(
    'window     no window is open; it opens Sat 2026-11-28 02:00 (Africa/Nairobi)',
  )
})

test('a service that no scan knows', async () => {
  const { code, err } = await refit('windows hub/other', { config, store: store() })
  expect(code).toBe(5)
  expect(err).toContain('hub/other')
})
