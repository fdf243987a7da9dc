import {
  isLockError,
  lockCapMs,
  lockTimeoutMs,
  mostTries,
  pauseAfterMs,
  waitLeftMs,
  wholeSeconds,
} from '../../../src/domain/migrations/lock-ladder'

test.each([
  [1, 100],
  [2, 200],
  [3, 500],
  [4, 1_000],
  [5, 1_900],
  [6, 1_900],
  [mostTries, 1_900],
])('try %i may wait for a lock for %i ms', (attempt, ms) => expect(lockTimeoutMs(attempt)).toBe(ms))

test('no try is without a timeout, and none is above the cap', () => {
  for (let attempt = 1; attempt <= 100; attempt += 1) {
    expect(lockTimeoutMs(attempt)).toBeGreaterThan(0)
    expect(lockTimeoutMs(attempt)).toBeLessThanOrEqual(lockCapMs)
  }
})

test.each([
  [1, 0, 250],
  [1, 1, 500],
  [2, 1, 1_000],
  [5, 1, 8_000],
  [8, 1, 60_000],
  [30, 0, 30_000],
  [30, 1, 60_000],
])('after try %i and with the random number %d it pauses for %i ms', (attempt, random, ms) =>
  expect(pauseAfterMs(attempt, random)).toBe(ms),
)

test.each([
  [1, 0, 100],
  [5, 0, 1_900],
  [5, 1_500, 400],
  [4, 1_800, 100],
  [5, 2_500, 1],
])('in try %i, after others were kept waiting for %i ms, a statement may wait for %i ms', (attempt, held, ms) =>
  expect(waitLeftMs(attempt, held)).toBe(ms),
)

test.each([
  ['55P03', true],
  ['40P01', true],
  [1205, true],
  [1213, true],
  ['40001', false],
  ['57014', false],
  ['42P01', false],
  [1064, false],
  [undefined, false],
])('error %s is a matter of locks: %s', (code, is) => expect(isLockError(code)).toBe(is))

test.each([
  [100, 1],
  [1_000, 1],
  [2_000, 2],
])('%i ms are %i whole seconds', (ms, seconds) => expect(wholeSeconds(ms)).toBe(seconds))
