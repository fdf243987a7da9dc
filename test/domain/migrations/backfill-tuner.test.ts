import fc from 'fast-check'
import {
  afterBatch,
  afterTimeout,
  bounds,
  newTuning,
  tries,
  type Tuning,
} from '../../../src/domain/migrations/backfill-tuner'

const target = 50
const all = (ms: number, rows: number) => ({ ms, scanned: rows, changed: rows })
const rowsAfter = (tuning: Tuning, ms: number) => afterBatch(tuning, all(ms, tuning.rows), target).rows

test.each([
  ['very short', 10, 2_000],
  ['just short', 39, 1_282],
  ['as it should be', 50, 1_000],
  ['a little long', 59, 1_000],
  ['long', 61, 820],
  ['very long', 500, 500],
])('a batch that was %s', (_name, ms, rows) => expect(rowsAfter(newTuning(1_000), ms)).toBe(rows))

test('one slow batch among quick ones halves the next, and the average forgets it', () => {
  let tuning = newTuning(1_000)
  for (let i = 0; i < 5; i += 1) tuning = afterBatch(tuning, all(50, tuning.rows), target)
  tuning = afterBatch(tuning, all(200, tuning.rows), target)
  expect(tuning.rows).toBe(500)
  for (let i = 0; i < 20; i += 1) tuning = afterBatch(tuning, all(tuning.rows * 0.05, tuning.rows), target)
  expect(tuning.rows).toBeGreaterThanOrEqual(800)
})

test.each([
  ['nothing to change says nothing of one that changes all', 1, 0, 1_000],
  ['little to change neither', 1, 499, 1_000],
  ['half to change does', 1, 500, 2_000],
  ['little to change that was long all the same', 61, 10, 500],
])('a batch with %s', (_name, ms, changed, rows) =>
  expect(afterBatch(newTuning(1_000), { ms, scanned: 1_000, changed }, target).rows).toBe(rows),
)

test('a timeout halves it as often as it takes, but the smallest is tried three times only', () => {
  let tuning: Tuning | undefined = newTuning(800)
  const seen: number[] = []
  while (tuning) {
    seen.push(tuning.rows)
    tuning = afterTimeout(tuning)
  }
  expect(seen).toEqual([800, 400, 200, ...Array<number>(tries).fill(bounds.least)])
})

test('a batch that succeeds forgives timeouts', () => {
  const twice = afterTimeout(afterTimeout(newTuning(bounds.least))!)!
  expect(afterBatch(twice, all(50, bounds.least), target).timeouts).toBe(0)
})

test.each([
  [undefined, 1_000],
  [1, 100],
  [7_000, 7_000],
  [1_000_000, 50_000],
])('it begins with the rows of its checkpoint, within bounds: %p', (rows, first) =>
  expect(newTuning(rows).rows).toBe(first),
)

const cost = fc.double({ min: 0.0005, max: 2, noNaN: true })

test('whatever batches take, the next has from 100 to 50,000 rows', () => {
  const step = fc.record({
    ms: fc.double({ min: 0, max: 1e6, noNaN: true }),
    changed: fc.double({ min: 0, max: 1, noNaN: true }),
  })
  fc.assert(
    fc.property(fc.nat(100_000), fc.array(fc.option(step), { maxLength: 60 }), (first, steps) => {
      let tuning: Tuning = newTuning(first)
      for (const each of steps) {
        tuning = each
          ? afterBatch(
              tuning,
              { ms: each.ms, scanned: tuning.rows, changed: Math.floor(tuning.rows * each.changed) },
              target,
            )
          : (afterTimeout(tuning) ?? newTuning())
        expect(tuning.rows).toBeGreaterThanOrEqual(bounds.least)
        expect(tuning.rows).toBeLessThanOrEqual(bounds.most)
        expect(Number.isInteger(tuning.rows)).toBe(true)
      }
    }),
  )
})

test('where rows cost the same, batches come to within a fifth of the target and stay, as far as bounds allow', () => {
  fc.assert(
    fc.property(cost, fc.integer({ min: 100, max: 50_000 }), (msPerRow, first) => {
      let tuning = newTuning(first)
      for (let i = 0; i < 60; i += 1) tuning = afterBatch(tuning, all(tuning.rows * msPerRow, tuning.rows), target)
      const settled = tuning.rows
      const next = afterBatch(tuning, all(settled * msPerRow, settled), target).rows
      expect(next).toBe(settled)
      const ms = settled * msPerRow
      if (settled > bounds.least) expect(ms).toBeLessThanOrEqual(target * 1.21)
      if (settled < bounds.most) expect(ms).toBeGreaterThanOrEqual(target * 0.79)
    }),
  )
})
