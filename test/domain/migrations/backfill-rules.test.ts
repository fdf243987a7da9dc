import fc from 'fast-check'
import { defaultPauseLimits } from '../../../src/domain/migrations/backfill'
import { againAfterMs, batchFailure, mysqlFailure } from '../../../src/domain/migrations/backfill-failure'
import { judge, p95, type Readings } from '../../../src/domain/migrations/backfill-pause'
import { type BackfillProgress, estimate, progressWords } from '../../../src/domain/migrations/backfill-progress'

const limits = { ...defaultPauseLimits, health: { url: 'http://127.0.0.1/health', p95Ms: 200 } }
const probes = (ms: number | null, count: number) => [
  ...Array<number>(20 - count).fill(5),
  ...Array<number | null>(count).fill(ms),
]

describe('whether the next batch may start', () => {
  test.each<[string, Readings | undefined, RegExp | 'go']>([
    ['nothing was read', undefined, /not read yet/],
    ['all is well', { ageMs: 0 }, 'go'],
    [
      'values at their limits',
      { ageMs: 10_000, replicaLagMs: 5_000, blockedMs: 1_000, longTransactionMs: 300_000 },
      'go',
    ],
    ['they are old', { ageMs: 10_001 }, /last read 10 s ago/],
    ['they could not be read', { ageMs: 0, failed: 'ECONNREFUSED' }, /can't be read \(ECONNREFUSED\)/],
    ['a replica lags', { ageMs: 0, replicaLagMs: 5_100 }, /a replica is 5.1 s behind \(limit 5 s\)/],
    ['a session is blocked', { ageMs: 0, blockedMs: 1_100 }, /waited 1.1 s for a lock \(limit 1 s\)/],
    ['a transaction is long', { ageMs: 0, longTransactionMs: 300_100 }, /open for 300.1 s/],
    ['one slow probe of twenty', { ageMs: 0, probes: probes(900, 1) }, 'go'],
    ['two slow probes of twenty', { ageMs: 0, probes: probes(900, 2) }, /p95 is 900 ms \(limit 200 ms\)/],
    ['two probes of twenty fail', { ageMs: 0, probes: probes(null, 2) }, /no good answer/],
    ['no probes yet', { ageMs: 0, probes: [] }, 'go'],
  ])('%s', (_name, readings, expected) => {
    const verdict = judge(readings, limits)
    if (expected === 'go') expect(verdict).toEqual({ go: true })
    else expect(verdict).toEqual({ go: false, reason: expect.stringMatching(expected) as string })
  })

  test('without a health probe declared, probes say nothing', () =>
    expect(judge({ ageMs: 0, probes: [null] }, defaultPauseLimits)).toEqual({ go: true }))

  test('worse readings never let it go on', () => {
    const reading = fc.option(fc.nat(400_000), { nil: undefined })
    const readings = fc.record({
      ageMs: fc.nat(20_000),
      replicaLagMs: reading,
      blockedMs: reading,
      longTransactionMs: reading,
    })
    fc.assert(
      fc.property(readings, fc.nat(100_000), (seen, more) => {
        const worse = { ...seen, ageMs: seen.ageMs + more, blockedMs: (seen.blockedMs ?? 0) + more }
        if (!judge(seen, limits).go) expect(judge(worse, limits).go).toBe(false)
      }),
    )
  })
})

test.each([
  [[], undefined],
  [[7], 7],
  [[1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 10],
  [Array.from({ length: 100 }, (_, i) => 100 - i), 95],
  [[1, null], Infinity],
])('p95 of %j', (values, expected) => expect(p95(values)).toBe(expected))

test.each([
  ['57014', 'split'],
  ['55P03', 'again'],
  ['40P01', 'again'],
  ['40001', 'again'],
  ['57P01', 'lost'],
  ['08006', 'lost'],
  ['53100', 'lost'],
  ['25P03', 'lost'],
  ['25006', 'lost'],
  ['ECONNRESET', 'lost'],
  [undefined, 'lost'],
  ['42703', 'fail'],
  ['23505', 'fail'],
  ['22P02', 'fail'],
  ['23514', 'fail'],
] as const)('a batch that ended with %s', (code, meaning) => expect(batchFailure(code)).toBe(meaning))

test.each([
  [1969, 'split'],
  [3024, 'split'],
  [1205, 'again'],
  [1213, 'again'],
  [3572, 'again'],
  [1053, 'lost'],
  [1290, 'lost'],
  [1317, 'lost'],
  [1927, 'lost'],
  [-104, 'lost'],
  [undefined, 'lost'],
  [1054, 'fail'],
  [1062, 'fail'],
  [1064, 'fail'],
  [1366, 'fail'],
] as const)('a batch that ended on MariaDB with %s', (number, meaning) => expect(mysqlFailure(number)).toBe(meaning))

test('waits for locks grow to 5 s and are never all the same', () => {
  expect([1, 2, 3, 7, 50].map((attempt) => againAfterMs(attempt, 1))).toEqual([50, 100, 200, 3_200, 5_000])
  expect(againAfterMs(50, 0)).toBe(2_500)
})

describe('what is said of the rest', () => {
  const at: BackfillProgress = {
    ...{ pass: 1, scanned: 250_000, changed: 200_000, batches: 20, rows: 9_000, estimatedTotal: 1_000_000 },
    ...{ scannedHere: 100_000, elapsedMs: 3_000, pausedMs: 1_000 },
  }
  test.each<[string, Partial<BackfillProgress>, ReturnType<typeof estimate>]>([
    ['by the rate of this run without its pauses', {}, { percent: 25, restMs: 15_000, rowsPerSecond: 50_000 }],
    ['before the first batch of this run', { scannedHere: 0 }, { percent: 25 }],
    ['without statistics', { estimatedTotal: undefined }, { rowsPerSecond: 50_000 }],
    ['beyond the statistics', { scanned: 1_000_001 }, { rowsPerSecond: 50_000 }],
    ['in a later pass', { pass: 2 }, { rowsPerSecond: 50_000 }],
    ['close to the end it is never 100', { scanned: 999_999 }, { percent: 99, restMs: 0, rowsPerSecond: 50_000 }],
  ])('%s', (_name, more, expected) => expect(estimate({ ...at, ...more })).toEqual(expected))

  test.each<[Partial<BackfillProgress>, string]>([
    [
      {},
      '250000 rows seen, 200000 changed, about 25 % (estimate), 50000 rows/s, 9000 a batch, about 15 s left (estimate)',
    ],
    [
      { waitsFor: 'a replica is 6 s behind' },
      '250000 rows seen, 200000 changed, about 25 % (estimate), 50000 rows/s, waits: a replica is 6 s behind',
    ],
    [{ pass: 2, scanned: 5 }, 'pass 2: 5 rows seen, 200000 changed, 50000 rows/s, 9000 a batch'],
  ])('in words %#', (more, words) => expect(progressWords({ ...at, ...more })).toBe(words))
})
