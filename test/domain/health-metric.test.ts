import type { HealthVerdict } from '../../src/domain/health'
import type { MetricCheck } from '../../src/domain/health-check'
import { judgeMetric, type MetricAnswer } from '../../src/domain/health-metric'
import { filledQuery } from '../../src/domain/health-query'

const check = (more: Partial<MetricCheck>): MetricCheck => ({
  prometheus: 'http://prometheus:9090',
  query: 'errors',
  overMs: 60_000,
  samples: 3,
  ...more,
})
const values = (...all: number[]): MetricAnswer => ({ series: all.length > 0 ? 1 : 0, values: all })
const max = check({ max: 0.05 })
const worse = check({ worse: 1.5 })
const away = { error: 'Prometheus did not answer within 5 s' }

test.each<[string, MetricCheck, Partial<Parameters<typeof judgeMetric>[1]>, HealthVerdict['kind'], string]>([
  ['the mean at its bound', max, { now: values(0, 0.05, 0.1) }, 'ok', 'errors is 0.05'],
  ['the mean above it', max, { now: values(0.04, 0.06, 0.08) }, 'bad', 'errors is 0.06 over 1 min, at most 0.05'],
  ['one peak among good values', max, { now: values(0, 0, 0, 0, 0.2) }, 'ok', 'errors is 0.04'],
  ['infinitely many', max, { now: values(0, 0, Infinity) }, 'bad', 'errors is Infinity over 1 min, at most 0.05'],
  [
    'infinite in both directions',
    max,
    { now: values(0, -Infinity, Infinity) },
    'unknown',
    'errors is infinite in both directions',
  ],
  ['too little', check({ min: 10 }), { now: values(9, 9, 9) }, 'bad', 'errors is 9 over 1 min, at least 10'],
  ['within a range', check({ min: 1, max: 10 }), { now: values(5, 5, 5) }, 'ok', 'errors is 5'],
  [
    'above a range',
    check({ min: 1, max: 10 }),
    { now: values(50, 5, 5) },
    'bad',
    'errors is 20 over 1 min, at most 10',
  ],
  [
    'too few values at first',
    max,
    { now: values(0.1, 0.1), elapsedMs: 50_000 },
    'waiting',
    'errors gives 2 of 3 values over 1 min',
  ],
  [
    'still too few when the time is over',
    max,
    { now: values(0.1, 0.1) },
    'unknown',
    'errors gives 2 of 3 values over 1 min',
  ],
  ['nobody called: 0/0', max, { now: values(NaN, NaN, NaN, NaN) }, 'unknown', 'errors gives 0 of 3 values over 1 min'],
  ['no such series', max, { now: values() }, 'unknown', 'errors gives 0 of 3 values over 1 min'],
  [
    'several series',
    max,
    { now: { series: 4, values: [9, 9, 9] } },
    'unknown',
    'errors gives 4 series, not one; aggregate it, such as with sum() or max()',
  ],
  ['Prometheus is away', max, { now: away }, 'unknown', "errors can't be read: Prometheus did not answer within 5 s"],
  [
    'Prometheus is away at the beginning, too',
    max,
    { now: away, elapsedMs: 0 },
    'unknown',
    "errors can't be read: Prometheus did not answer within 5 s",
  ],
  ['as bad as before', worse, { now: values(3, 3, 3), before: values(2, 2, 2) }, 'ok', 'errors is 3'],
  [
    'worse than before',
    worse,
    { now: values(4, 4, 4), before: values(2, 2, 2) },
    'bad',
    'errors is 4 over 1 min, at most 3 (2 before the upgrade)',
  ],
  [
    'the first ones after none',
    worse,
    { now: values(0, 0, 0.3), before: values(0, 0, 0) },
    'bad',
    'errors is 0.1 over 1 min, at most 0 (0 before the upgrade)',
  ],
  [
    'the first ones, but fewer than matter',
    check({ worse: 1.5, max: 0.2 }),
    { now: values(0, 0, 0.3), before: values(0, 0, 0) },
    'ok',
    'errors is 0.1',
  ],
  [
    'less than before, where less is worse',
    check({ worse: 2, min: 100 }),
    { now: values(20, 20, 20), before: values(50, 50, 50) },
    'bad',
    'errors is 20 over 1 min, at least 25 (50 before the upgrade)',
  ],
  [
    'less than before, but enough in any case',
    check({ worse: 2, min: 10 }),
    { now: values(20, 20, 20), before: values(50, 50, 50) },
    'ok',
    'errors is 20',
  ],
  [
    'no values before',
    worse,
    { now: values(4, 4, 4), before: values() },
    'unknown',
    'errors, before the upgrade, gives 0 of 3 values over 1 min',
  ],
  [
    'the time before was not asked',
    worse,
    { now: values(4, 4, 4) },
    'unknown',
    "errors, before the upgrade, can't be read: the time before the upgrade was not asked",
  ],
])('%s', (_, given, asked, kind, sentence) =>
  expect(judgeMetric(given, { now: values(), elapsedMs: 600_000, ...asked })).toEqual({ kind, sentence }),
)

test('a query is filled with the service and its new pods', () => {
  const query = 'sum(rate(failed{namespace="$namespace",svc="$service",pod=~"$pods"}[1m])) # $podsy ${pods} $1'
  expect(filledQuery(query, { namespace: 'hub', name: 'ledger', pods: ['a-1', 'b.2'] })).toBe(
    'sum(rate(failed{namespace="hub",svc="ledger",pod=~"a-1|b[.]2"}[1m])) # $podsy ${pods} $1',
  )
  expect(filledQuery('x{pod=~"$pods"}', { namespace: 'hub', name: 'ledger', pods: [] })).toBe('x{pod=~"none"}')
})
