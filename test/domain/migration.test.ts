import { classifyMigrations } from '../../src/domain/migration'

test('files are sorted by phase, then by name; what is no code, deeper or a declaration is left alone', () => {
  const paths = [
    'contract/003_c.js',
    'expand/010_b.js',
    'expand/002_a.js',
    'backfill/001_x.cjs',
    'backfill/000_declared.yaml',
    'backfill/002_declared.yml',
    'backfill/lib/deeper.yaml',
    'expand/README.md',
    'expand/002_a.d.ts',
    'expand/lib/helper.js',
    'README.md',
  ]
  expect(classifyMigrations(paths)).toEqual({
    files: [
      { phase: 'expand', name: '002_a.js' },
      { phase: 'expand', name: '010_b.js' },
      { phase: 'backfill', name: '000_declared.yaml' },
      { phase: 'backfill', name: '001_x.cjs' },
      { phase: 'backfill', name: '002_declared.yml' },
      { phase: 'contract', name: '003_c.js' },
    ],
    problems: [],
  })
})

test.each([
  ['a file at the top', ['001_a.js'], '001_a.js lies in none of expand, backfill, contract'],
  ['a file with the name of a phase', ['expand.js'], 'expand.js lies in none of expand, backfill, contract'],
  ['a misspelled folder', ['expnad/001_a.js'], 'expnad/001_a.js lies in none of expand, backfill, contract'],
  ['a source that nobody compiled', ['expand/001_a.ts'], 'expand/001_a.ts is neither .js, .cjs nor .sql'],
  ['a module that knex here does not load', ['expand/001_a.mjs'], 'expand/001_a.mjs is neither .js, .cjs nor .sql'],
  [
    'one name in two phases',
    ['contract/001_a.js', 'expand/001_a.js'],
    'expand/001_a.js and contract/001_a.js have the same name',
  ],
  [
    'one name with two endings',
    ['expand/001_a.js', 'expand/001_a.cjs'],
    'expand/001_a.cjs and expand/001_a.js have the same name',
  ],
  ['a backfill in expand', ['expand/001_a.yaml'], 'expand/001_a.yaml is a declared backfill outside of backfill'],
  ['a backfill at the top', ['001_a.yml'], '001_a.yml is a declared backfill outside of backfill'],
  [
    'a backfill with the name of code',
    ['backfill/001_a.js', 'backfill/001_a.yaml'],
    'backfill/001_a.js and backfill/001_a.yaml have the same name',
  ],
])('%s is a problem', (_, paths, problem) => expect(classifyMigrations(paths).problems).toEqual([problem]))
