import { duration } from '../../src/cli/parsers'

test.each([
  ['500ms', 500],
  ['90s', 90_000],
  ['1h30m', 5_400_000],
  ['2d', 172_800_000],
])('the duration %s is written as in refit.yaml', (text, ms) => expect(duration(text)).toBe(ms))

test.each(['', '90', '1.5h', '-1s', '1h 30m', '99999999999999999999d'])('%j is no duration', (text) =>
  expect(() => duration(text)).toThrow('Write it like'),
)
