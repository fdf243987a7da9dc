import { ago, createPaint, safe, safeLines, table } from '../../src/cli/render'
import { instant } from '../../src/domain/text'
import { now, minutesAgo } from '../operations/support'

const plain = { width: undefined, paint: createPaint(false) }
const long = 'the registry could not be read because it answered with something that is no list of tags'

describe('a table', () => {
  test('has no lines, and a row is a line where nobody looks', () => {
    expect(
      table(
        ['SERVICE', 'WHY'],
        [
          ['hub/ledger', long],
          ['hub/x', 'short'],
        ],
        plain,
      ).split('\n'),
    ).toEqual(['SERVICE     WHY', `hub/ledger  ${long}`, 'hub/x       short'])
  })

  test('fits a terminal by wrapping its widest column at words', () => {
    const lines = table(['SERVICE', 'WHY'], [['hub/ledger', long]], { ...plain, width: 40 }).split('\n')
    expect(lines.length).toBeGreaterThan(3)
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(40)
    expect(
      lines
        .slice(1)
        .map((line) => line.slice(12).trim())
        .join(' '),
    ).toBe(long)
  })

  test('colours only where asked, and columns stay in line', () => {
    const rows = [[{ text: 'bad', tone: 'bad' as const }, 'x']]
    expect(table(['A', 'B'], rows, { ...plain, paint: createPaint(true) })).toContain('\u001b[31mbad')
    expect(table(['A', 'B'], rows, plain)).toBe('A    B\nbad  x')
  })

  test('sends no control characters of strangers to the terminal', () => {
    expect(table(['TAG'], [['v1\u001b[2J\u202e\n']], plain)).toBe('TAG\nv1')
  })
})

test('lines of strangers keep their indentation and lose their escapes', () => {
  expect(safeLines('file:\n  \u001b[1mbad\u001b[m\n\n')).toBe('file:\n  bad')
  expect(safe('\u001b]0;title\u0007v1')).toBe('v1')
})

test('instants and ages', () => {
  expect(instant(now)).toBe('2026-11-23T10:00:00Z')
  expect(ago(minutesAgo(90), now)).toBe('1 h 30 min ago')
  expect(ago(now, now)).toBe('just now')
  expect(ago(minutesAgo(-1), now)).toBe('just now')
})
