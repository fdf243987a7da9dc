import { copyObjection } from '../../../src/domain/migrations/copy-objection'
import type { SchemaItem } from '../../../src/domain/migrations/schema-items'
import {
  isRisky,
  type PlannedRehearsal,
  type PlannedRehearsalFile,
  rehearsalObjection,
} from '../../../src/domain/migrations/planned-rehearsal'
import { rehearsalLines, rehearsalSentence } from '../../../src/domain/migrations/rehearsal-words'
import { violationObjection, violationWords } from '../../../src/domain/migrations/violation-objection'

const file = (more: Partial<PlannedRehearsalFile> = {}): PlannedRehearsalFile => ({
  ...{ path: 'expand/001_a.js', verdict: 'light', answer: 'go', before: 'a', after: 'b' },
  ...more,
})
const heavy = file({
  verdict: 'heavy',
  answer: 'needs-window',
  findings: [
    { rule: 'table-rewrite', why: 'writes every row of transfer anew', safe: 'Backfill.', answer: 'needs-window' },
  ],
})
const rehearsal = (files: PlannedRehearsalFile[], more: Partial<PlannedRehearsal> = {}): PlannedRehearsal => ({
  ...{ digest: 'd', verdict: 'light', answer: 'go', files },
  ...more,
})
const closed = { hasWindows: false }

describe('what follows from a rehearsal', () => {
  test('nothing, when every file may go', () => {
    expect(rehearsalObjection(rehearsal([file()]), closed)).toBeUndefined()
  })

  test('a window is enough where one is needed, and so is an override', () => {
    expect(rehearsalObjection(rehearsal([heavy]), { hasWindows: true })).toBeUndefined()
    expect(rehearsalObjection(rehearsal([heavy]), { ...closed, overrides: ['expand/001_a.js'] })).toBeUndefined()
    expect(rehearsalObjection(rehearsal([heavy]), closed)).toMatchObject({
      reason:
        'the rehearsal wants a window for this, and the policy has none: expand/001_a.js: writes every row of transfer anew',
      next: 'Backfill. Or write windows in the policy, or take it upon you with overrides: [expand/001_a.js] beside the migration in refit.yaml.',
    })
  })

  test("contract's own approval says when it runs, and nothing of expand", () => {
    const asks = { ...closed, asksBeforeContract: true }
    expect(rehearsalObjection(rehearsal([{ ...heavy, path: 'contract/001_a.js' }]), asks)).toBeUndefined()
    expect(rehearsalObjection(rehearsal([heavy]), asks)).toBeDefined()
  })

  test('no window replaces an override, and nothing one that is refused', () => {
    const all = { hasWindows: true, overrides: ['expand/001_a.js'] }
    expect(rehearsalObjection(rehearsal([file({ answer: 'needs-override' })]), { hasWindows: true })).toBeDefined()
    expect(rehearsalObjection(rehearsal([file({ answer: 'needs-override' })]), all)).toBeUndefined()
    expect(rehearsalObjection(rehearsal([file({ answer: 'refused' })]), all)).toBeDefined()
  })

  test('a replay that came to another schema is a person’s to judge', () => {
    const unfaithful = rehearsal([file()], { isFaithful: false })
    expect(rehearsalObjection(unfaithful, closed)?.next).toContain('overrides: [replay-differs]')
    expect(rehearsalObjection(unfaithful, { ...closed, overrides: ['replay-differs'] })).toBeUndefined()
  })
})

test('a start is risky when nobody rehearsed it, or expand was judged anything but harmless', () => {
  expect(isRisky(undefined)).toBe(true)
  expect(isRisky(rehearsal([file(), { ...heavy, path: 'contract/002_b.js' }]))).toBe(false)
  expect(isRisky(rehearsal([heavy]))).toBe(true)
})

describe('words', () => {
  const given = { directory: 'm' }
  test('a line per file, and one per reason', () => {
    const more = Array.from({ length: 7 }, (_, index) => ({ rule: 'x', why: `why ${index}`, answer: 'go' as const }))
    expect(
      rehearsalLines({ ...given, rehearsal: rehearsal([file(), heavy, file({ findings: [...more, ...more] })]) }),
    ).toEqual([
      'rehearsed expand/001_a.js: light, may go',
      'rehearsed expand/001_a.js: heavy, needs a window',
      '  writes every row of transfer anew (Backfill)',
      'rehearsed expand/001_a.js: light, may go',
      ...['  why 0', '  why 1', '  why 2', '  why 3', '  why 4', '  and 2 more'],
    ])
  })

  test('one sentence for a question', () => {
    expect(rehearsalSentence([])).toBe('')
    expect(rehearsalSentence([given])).toBe('The migrations of m are NOT rehearsed.')
    expect(rehearsalSentence([{ ...given, rehearsal: rehearsal([]) }])).toBe('')
    expect(rehearsalSentence([{ ...given, rehearsal: rehearsal([file()]) }])).toBe(
      'The migrations were rehearsed: nothing heavy.',
    )
    expect(rehearsalSentence([{ ...given, overrides: ['expand/001_a.js'], rehearsal: rehearsal([heavy]) }])).toBe(
      'The migrations were rehearsed: expand/001_a.js is heavy and overridden (writes every row of transfer anew).',
    )
  })
})

describe('the copy', () => {
  const table = (name: string, text = 'r p'): SchemaItem => ({ kind: 'table', name, text })
  const side = (name: string, items: SchemaItem[], version = '18.4') => ({ name, items, version })

  test('must be of the same major version, and have the same schema', () => {
    const production = side('LIVE', [table('a'), table('b'), table('c'), table('d')], '17.2')
    expect(copyObjection(side('COPY', production.items, '17.5'), production)).toBeUndefined()
    expect(copyObjection(side('COPY', production.items), production)).toMatchObject({
      reason: 'the copy (COPY) runs PostgreSQL 18.4, production (LIVE) 17.2',
      next: 'Give rehearse.copy a server of version 17.',
    })
    expect(copyObjection(side('COPY', [], '17.2'), production)?.reason).toBe(
      'the copy (COPY) has another schema than production (LIVE), in 4 places: + table a: r p; + table b: r p; + table c: r p',
    )
    expect(copyObjection(side('COPY', [], '17.2'), production, ['copy-differs'])).toBeUndefined()
  })
})

describe('rows that break a rule', () => {
  const rule = { kind: 'constraint' as const, table: 'transfer', name: 'k', columns: ['a', 'b'] }
  test('are counted in words', () => {
    expect(violationWords({ ...rule, rows: 2 })).toBe('2 rows of transfer break k (a and b)')
    expect(violationWords({ ...rule, kind: 'not-null', columns: ['a'], rows: 1 })).toBe(
      '1 row of transfer has no value in a',
    )
  })

  test('refuse a file also where it is overridden; an override helps where nobody can count', () => {
    const unknown = { ...rule, rows: null, why: 'counting took longer than 30 s' }
    expect(violationObjection('f', [])).toBeUndefined()
    expect(violationObjection('f', [{ ...rule, rows: 2 }, unknown], ['f'])?.reason).toBe(
      'f would fail: 2 rows of transfer break k (a and b)',
    )
    expect(violationObjection('f', [unknown])?.reason).toBe(
      'nobody can tell whether rows of transfer break k of f: counting took longer than 30 s',
    )
    expect(violationObjection('f', [unknown], ['f'])).toBeUndefined()
  })
})
