import { decided, digest, now, policy } from './fixtures'
import { judgePromotion, migrationsText, type PromotedUpgrade, type PromotionAsked } from '../../src/domain/promotion'

const hour = 3_600_000
const iso = (hoursAgo: number): string => new Date(now - hoursAgo * hour).toISOString()
const promote = { from: 'staging', bakedForMs: 48 * hour }

const upgrade = (more: Partial<PromotedUpgrade> = {}): PromotedUpgrade => ({
  ...{
    namespace: 'hub',
    service: 'ledger',
    planHash: 'abcdef123456',
    from: 'v1.0.0',
    to: 'v1.0.1',
    migrations: 'same',
  },
  ...{ succeededAt: iso(50), replacedAt: null, runs: true },
  ...more,
})
const answer = (...upgrades: PromotedUpgrade[]): PromotionAsked => ({
  kind: 'answer',
  answer: { hub: { name: 'staging-hub', environment: 'staging' }, at: iso(0), upgrades },
})
const verdict = (asked: PromotionAsked) => judgePromotion({ promote, asked, migrations: 'same', now })

test.each<[string, PromotionAsked, string, number]>([
  [
    'the other hub is away',
    { kind: 'error', message: 'ECONNREFUSED' },
    "waits for staging, which can't be asked: ECONNREFUSED",
    now,
  ],
  ['it never ran there', answer(), 'has not succeeded on staging yet', now],
  [
    'other migrations',
    answer(upgrade({ migrations: 'others' })),
    'succeeded on staging with other migrations (plan abcdef123456 there)',
    now,
  ],
  [
    'not for long enough',
    answer(upgrade({ succeededAt: iso(3) })),
    'runs on staging since 2026-11-24T09:00:00Z and must for 2 d: it is offered from 2026-11-26T09:00:00Z',
    now + 45 * hour,
  ],
  [
    'replaced too soon',
    answer(upgrade({ succeededAt: iso(80), replacedAt: iso(77), runs: false })),
    'ran on staging for 3 h only, and must for 2 d',
    now,
  ],
  [
    'gone without a later upgrade',
    answer(upgrade({ runs: false })),
    'succeeded on staging, but does not run there any more',
    now,
  ],
])('held: %s', (_, asked, reason, until) => expect(verdict(asked)).toEqual({ kind: 'held', reason, until }))

test.each([
  ['it runs there for long enough', answer(upgrade()), 50],
  ['on the dot', answer(upgrade({ succeededAt: iso(48) })), 48],
  ['one of several services', answer(upgrade({ succeededAt: iso(1) }), upgrade({ succeededAt: iso(60) })), 60],
  [
    'it ran for long enough, then a later upgrade came',
    answer(upgrade({ succeededAt: iso(90), replacedAt: iso(40), runs: false })),
    90,
  ],
])('promoted: %s', (_, asked, ago) =>
  expect(verdict(asked)).toEqual({
    kind: 'promoted',
    hub: 'staging',
    since: now - ago * hour,
    planHash: 'abcdef123456',
  }),
)

test('migrations are the same whatever folder they lie in and whatever the database is called', () => {
  const files = [{ phase: 'expand' as const, name: '001_a.js', sha256: 'f'.repeat(64) }]
  const here = { kind: 'knex' as const, directory: '/here', database: 'LEDGER_URL' }
  const there = { kind: 'knex' as const, directory: '/there', database: 'DATABASE_URL', files }
  expect(migrationsText([here], () => files)).toBe(migrationsText([there]))
  expect(migrationsText([here], () => [{ ...files[0], sha256: 'e'.repeat(64) } as (typeof files)[0]])).not.toBe(
    migrationsText([there]),
  )
  const job = { kind: 'job' as const, command: ['npm', 'run', 'migrate'], deadlineMs: 1 }
  expect(migrationsText([job])).toBe(migrationsText([{ ...job, deadlineMs: 2 }]))
  expect(migrationsText([job])).not.toBe(migrationsText([]))
})

describe('a candidate under promote', () => {
  const tags = { kind: 'list' as const, tags: ['v1.0.0', 'v1.0.1', 'v1.0.2'] }
  const digestOf = (tag: string) => digest(tag === 'v1.0.0' ? 'a' : tag === 'v1.0.1' ? 'b' : 'c')
  const watched = { policy: policy({ promote }), tags }
  const proved = { kind: 'promoted' as const, hub: 'staging', since: now - 50 * hour, planHash: 'abcdef123456' }
  const notThere = { kind: 'held' as const, reason: 'has not succeeded on staging yet', until: now }

  test('that has not proved itself is held, and asked for again', () => {
    const { decision, revisitAt } = decided(watched, { digestOf, promotionOf: () => notThere })
    expect(decision).toMatchObject({ kind: 'held', holds: ['promotion'], candidate: { tag: 'v1.0.2' } })
    expect(decision.reason).toBe('v1.0.2 has not succeeded on staging yet; v1.0.1 has not succeeded on staging yet')
    expect(decision.tags.find(({ tag }) => tag === 'v1.0.2')).toMatchObject({ verdict: 'not-promoted' })
    expect(revisitAt).toBe(now)
  })

  test('gives way to an older one that has', () => {
    const { decision } = decided(watched, {
      digestOf,
      promotionOf: (each) => (each === digest('b') ? proved : notThere),
    })
    expect(decision).toMatchObject({
      kind: 'candidate',
      candidate: { tag: 'v1.0.1', promoted: { hub: 'staging', planHash: 'abcdef123456' } },
    })
    expect(decision.reason).toContain('it succeeded on staging 2026-11-22T10:00:00Z (plan abcdef123456 there)')
  })

  test('is not asked about where the policy has none', () => {
    const promotionOf = jest.fn()
    expect(decided({ tags }, { digestOf, promotionOf }).decision.kind).toBe('candidate')
    expect(promotionOf).not.toHaveBeenCalled()
  })
})
