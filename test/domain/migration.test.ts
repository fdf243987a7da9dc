import { classifyMigrations, pendingMigrations } from '../../src/domain/migration'

test('files are sorted by phase, then by name', () => {
  const paths = [
    'contract/003_c.js',
    'expand/010_b.js',
    'expand/002_a.ts',
    'backfill/001_x.cjs',
    'expand/README.md',
    'expand/002_a.d.ts',
    'expand/lib/helper.js',
    'README.md',
  ]
  expect(classifyMigrations(paths)).toEqual({
    files: [
      { phase: 'expand', name: '002_a.ts' },
      { phase: 'expand', name: '010_b.js' },
      { phase: 'backfill', name: '001_x.cjs' },
      { phase: 'contract', name: '003_c.js' },
    ],
    problems: [],
  })
})

test.each([
  ['a file at the top', ['001_a.js'], '001_a.js lies in none of expand, backfill, contract'],
  ['an unknown folder', ['down/001_a.js'], 'down/001_a.js lies in none of expand, backfill, contract'],
  [
    'one name in two phases',
    ['contract/001_a.js', 'expand/001_a.js'],
    'expand/001_a.js and contract/001_a.js have the same name',
  ],
  [
    'compiled beside its source',
    ['expand/001_a.js', 'expand/001_a.ts'],
    'expand/001_a.js and expand/001_a.ts have the same name',
  ],
])('%s is a problem', (_, paths, problem) => expect(classifyMigrations(paths).problems).toEqual([problem]))

test.each<[string, string[], string[], string[], string[]]>([
  ['nothing applied', ['2.js', '1.js'], [], ['1.js', '2.js'], []],
  ['some applied', ['1.js', '2.js', '3.js'], ['1.js'], ['2.js', '3.js'], []],
  ['all applied', ['1.js'], ['1.js'], [], []],
  ['an applied one is missing', ['2.js'], ['1.js', '2.js'], [], ['1.js is applied but its file is missing']],
  [
    'an older name came later',
    ['1.js', '2.js'],
    ['2.js'],
    ['1.js'],
    ['1.js sorts before 2.js, which is applied already'],
  ],
  ['nothing at all', [], [], [], []],
])('%s', (_, names, applied, pending, problems) =>
  expect(pendingMigrations(names, applied)).toEqual({ pending, problems }),
)
