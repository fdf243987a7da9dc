import type { ReleaseDefinition } from '../../src/domain/release'
import type { ReleaseService } from '../../src/domain/release-outline'
import { policy, workload } from './fixtures'
import { host, hub, ledgerFirst, outline, running } from './release-running'

const one = { services: { 'hub/ledger': 'v1.1.0' } }
const refusals: [string, Partial<ReleaseDefinition>, ReleaseService[], string, RegExp][] = [
  ['a lower version than runs', one, [running('hub/ledger', 'v1.2.0')], 'backwards', /runs v1.2.0, .* wants v1.1.0/],
  [
    'a lower version than one of its workloads runs',
    one,
    [
      running('hub/ledger', 'v1.0.0', {
        workloads: ['v1.0.0', 'v1.2.0'].map((tag) =>
          workload({ name: tag, containers: [{ name: 'a', init: false, image: `${host}/hub/ledger:${tag}` }] }),
        ),
      }),
    ],
    'backwards',
    /runs v1.2.0/,
  ],
  [
    'an unknown service, with the nearest name',
    { services: { 'hub/legder': 'v1' } },
    hub,
    'unknown-service',
    /hub\/legder.*Did you mean hub\/ledger/,
  ],
  ['a glob that means nothing', { services: { 'moja/*': 'v1' } }, hub, 'unknown-service', /moja/],
  [
    'a short name of two images',
    { services: { ledger: 'v1.1.0' } },
    [running('hub/ledger', 'v1.0.0'), running('other/ledger', 'v1.0.0', { name: 'other-ledger' })],
    'ambiguous',
    /hub\/ledger \(hub\/ledger\) and other\/ledger \(hub\/other-ledger\)/,
  ],
  [
    'two globs that want different tags',
    { services: { 'hub/led*': 'v1.1.0', '*/ledger': 'v1.1.1' } },
    hub,
    'ambiguous',
    /hub\/led\* \(v1.1.0\) and \*\/ledger \(v1.1.1\)/,
  ],
  [
    'a service that no policy selects',
    one,
    [running('hub/ledger', 'v1.0.0', { policy: undefined })],
    'unwatched',
    /no policy selects hub\/ledger/,
  ],
  [
    'a policy that only watches',
    one,
    [running('hub/ledger', 'v1.0.0', { policy: policy({ mode: 'watch' }) })],
    'watch',
    /only watches/,
  ],
  [
    'an upgrade that has begun',
    one,
    [running('hub/ledger', 'v1.0.0', { underway: { id: 'a-1', phase: 'rollout', toTag: 'v1.0.1' } })],
    'underway',
    /being upgraded to v1.0.1 \(a-1, phase rollout\).*refit abort hub\/ledger/,
  ],
  [
    'what comes after a held one',
    { services: { 'hub/ledger': 'v1.1.0', 'hub/quoting': 'v1.1.0' } },
    [
      running('hub/ledger', 'v1.0.0', { held: 'held by x' }),
      running('hub/quoting', 'v1.0.0'),
      running('hub/settlement', 'v1.0.0'),
    ],
    'behind-held',
    /hub\/quoting comes after hub\/ledger, which is held.*refit resolve hub\/ledger/,
  ],
  [
    'a need that is not met',
    { ...one, requires: { 'hub/quoting': '>=2.0.0' } },
    hub,
    'requires',
    /requires hub\/quoting >=2.0.0, and hub\/quoting runs v1.0.0/,
  ],
  [
    'a need of what does not run',
    { ...one, requires: { 'hub/als': '>=2.0.0' } },
    hub,
    'requires',
    /hub\/als >=2.0.0, which does not run/,
  ],
  [
    'an order of what does not run',
    { ...one, order: [{ first: 'hub/als', then: ['hub/ledger'] }] },
    hub,
    'unknown-in-order',
    /hub\/als/,
  ],
  [
    'a circle',
    { ...one, order: [{ first: 'hub/quoting', then: ['hub/ledger'] }] },
    hub,
    'cycle',
    /hub\/ledger before hub\/quoting before hub\/ledger/,
  ],
  [
    'differences beyond images',
    { ...one, differences: ['Deployment a: replicas'] },
    hub,
    'needs-chart',
    /1 difference, such as Deployment a/,
  ],
]

test.each(refusals)('refused: %s', (_, more, services, kind, words) => {
  const order = services === hub || services.length === 3 ? ledgerFirst : []
  const found = outline(more, services, order).refusals
  expect(found.map((each) => each.kind)).toEqual([kind])
  expect(`${found[0]?.reason}. ${found[0]?.next}`).toMatch(words)
})

test('every reason is named at once', () => {
  const { refusals: found } = outline(
    {
      services: { 'hub/ledger': 'v0.9.0', 'hub/nobody': 'v1', 'hub/quoting': 'v1.1.0' },
      requires: { settlement: '>=3' },
    },
    hub,
  )
  expect(found.map(({ kind }) => kind).sort()).toEqual(['backwards', 'requires', 'unknown-service'])
})

test('a need counts as met by what the release itself brings', () => {
  expect(outline({ requires: { 'hub/ledger': '>=1.1.0' } }).refusals).toEqual([])
})
