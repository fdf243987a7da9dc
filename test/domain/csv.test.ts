import { csvLine } from '../../src/domain/csv'

test.each([
  ['plain', 'plain'],
  ['', ''],
  ['a,b', '"a,b"'],
  ['say "yes"', '"say ""yes"""'],
  ['two\nlines', '"two\nlines"'],
  ['=1+1', `"'=1+1"`],
  ['+1', `"'+1"`],
  ['-1', `"'-1"`],
  ['@SUM(A1)', `"'@SUM(A1)"`],
  ['\t=1', `"'\t=1"`],
  ['\r=1', `"'\r=1"`],
  ["it's", `"it's"`],
  ['v1.0-2', 'v1.0-2'],
])('%j is written %s', (text, expected) => {
  expect(csvLine([text])).toBe(`${expected}\r\n`)
})

test('cells are parted by commas', () => {
  expect(csvLine(['a', '', 'b'])).toBe('a,,b\r\n')
})
