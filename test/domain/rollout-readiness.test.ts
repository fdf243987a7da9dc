import type { PodObservation, RolloutObservation } from '../../src/domain/rollout'
import { fresh, old, rolling, watch } from './rollout-watch'

const second = 1_000
type Looks = [number, RolloutObservation][]
const at = (...looks: [number, PodObservation[], Partial<RolloutObservation>?][]): Looks =>
  looks.map(([when, pods, more]) => [when, rolling(pods, more)])
const up = (name: string) => fresh({ name, ready: true })
const down = (name: string) => fresh({ name, ready: false })

describe('flapping readiness', () => {
  test.each<[string, Looks, string, string]>([
    ['lost once', at([0, [up('a')]], [1, [down('a')]], [2, [up('a')]]), 'progressing', ''],
    [
      'lost twice by one pod',
      at([0, [up('a')]], [1, [down('a')]], [2, [up('a')]], [3, [down('a')]]),
      'failed',
      'pod a lost its readiness 2 times within 5 min',
    ],
    [
      'lost once each by two pods',
      at([0, [up('a'), up('b')]], [1, [down('a'), up('b')]], [2, [up('a'), down('b')]]),
      'progressing',
      '',
    ],
    [
      'lost by three',
      at([0, [up('a'), up('b'), up('c')]], [1, [down('a'), up('b'), up('c')]], [2, [down('a'), down('b'), down('c')]]),
      'failed',
      'new pods lost their readiness 3 times within 5 min',
    ],
    [
      'lost twice, but six minutes apart',
      at([0, [up('a')]], [1, [down('a')]], [2, [up('a')]], [300, [up('a'), up('b')]], [361, [down('a'), up('b')]]),
      'progressing',
      '',
    ],
    [
      'a pod that is deleted has not lost it',
      at([0, [up('a'), up('b'), up('c')]], [1, ['a', 'b', 'c'].map((name) => fresh({ name, deleting: true }))]),
      'progressing',
      '',
    ],
    [
      'old pods flap, and the new ones do not',
      at(
        [0, [up('a'), old()]],
        [1, [up('a'), old({ ready: false })]],
        [2, [up('a'), old()]],
        [3, [up('a'), old({ ready: false })]],
      ),
      'progressing',
      '',
    ],
    [
      'old pods lose it as well: nobody can tell',
      at(
        [0, [up('a'), old()]],
        [1, [down('a'), old({ ready: false })]],
        [2, [up('a'), old()]],
        [3, [down('a'), old()]],
      ),
      'unknown',
      'the old pods lose their readiness, too',
    ],
  ])('%s', (_, looks, kind, sentence) => {
    const verdict = watch(looks, { stallMs: 900 * second })
    expect(verdict.kind).toBe(kind)
    expect(verdict.sentence).toContain(sentence)
  })

  test('a pod that flips every 20 s fails at its second loss, long before any deadline', () => {
    const looks = Array.from({ length: 180 }, (_, i): [number, RolloutObservation] => [
      i * 20,
      rolling([i % 2 === 0 ? up('a') : down('a')]),
    ])
    expect(watch(looks)).toMatchObject({ kind: 'failed', reason: 'flapping', since: 60_000 })
  })
})

describe('capacity', () => {
  const full = { updated: 2, total: 4, available: 3 }
  const short = { ...full, available: 2 }
  test.each<[string, Looks, Parameters<typeof watch>[1], string]>([
    [
      'a new pod that had replaced an old one is not ready for 10 s',
      at([0, [up('a')], full], [1, [down('a')], short], [11, [down('a')], short]),
      {},
      'failed',
    ],
    ['for less', at([0, [up('a')], full], [1, [down('a')], short], [10, [down('a')], short]), {}, 'progressing'],
    [
      'fewer are allowed',
      at([0, [up('a')], full], [1, [down('a')], short], [20, [down('a')], short]),
      { maxUnavailable: 1 },
      'progressing',
    ],
    [
      'as long as is written',
      at([0, [up('a')], full], [1, [down('a')], short], [20, [down('a')], short]),
      { graces: { capacity: 30 * second } },
      'progressing',
    ],
    [
      'old pods are missing: an eviction',
      at([0, [up('a')], full], [1, [up('a')], short], [20, [up('a')], short]),
      {},
      'progressing',
    ],
    [
      'old pods are not ready either',
      at(
        [0, [up('a')], full],
        [1, [down('a'), old({ ready: false })], short],
        [20, [down('a'), old({ ready: false })], short],
      ),
      {},
      'progressing',
    ],
    [
      'it was never there: a rollback of what was down',
      at([0, [up('a')], short], [1, [down('a')], short], [20, [down('a')], short]),
      {},
      'progressing',
    ],
    [
      'scaling asks for more than there ever was',
      at([0, [up('a')], full], [1, [up('a')], { ...full, desired: 9 }], [30, [up('a')], { ...full, desired: 9 }]),
      {},
      'progressing',
    ],
  ])('%s', (_, looks, given, kind) => {
    const verdict = watch(looks, given)
    expect(verdict.kind).toBe(kind)
    if (kind === 'failed')
      expect(verdict).toMatchObject({
        reason: 'capacity',
        sentence: '2 of 3 pods available, pod a lost its readiness',
        since: 1_000,
      })
  })
})
