import { clean, durationWords, wordList } from '../../src/domain/text'

test.each([
  ['  a \n b\t', 10, 'a b'],
  ['\u202eevil\u2066', 10, 'evil'],
  ['a\ud800b', 10, 'ab'],
  ['ab😀', 3, 'ab'],
  ['José 李', 10, 'José 李'],
])('clean %j', (text, max, expected) => expect(clean(text, max)).toBe(expected))

test.each([
  [0, '0 s'],
  [45_000, '45 s'],
  [90_000, '90 s'],
  [120_000, '2 min'],
  [600_000, '10 min'],
  [5_400_000, '1 h 30 min'],
  [259_200_000, '3 d'],
  [90_061_000, '1 d 1 h'],
])('%d ms is %s', (ms, expected) => expect(durationWords(ms)).toBe(expected))

test.each([
  [[], ''],
  [['a'], 'a'],
  [['a', 'b'], 'a and b'],
  [['a', 'b', 'c'], 'a, b and c'],
])('%j', (words, expected) => expect(wordList(words)).toBe(expected))
