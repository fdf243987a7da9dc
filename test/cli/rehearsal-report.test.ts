import '@microsoft/jest-sarif'
import { rehearsalJunit, rehearsalSarif, type ReportedRehearsal } from '../../src/cli/rehearsal-report'
import { refit } from './support'

const rehearsal: ReportedRehearsal = {
  notRun: ['expand/003_c.js'],
  files: [
    {
      path: 'expand/001 a.js',
      statements: [{ sql: 'alter table "transfer" alter amount type bigint' }],
      findings: [
        {
          verdict: 'heavy',
          rule: 'table-rewrite',
          statement: 1,
          why: 'writes <all> & more',
          safe: 'Backfill.',
          answer: 'needs-window',
        },
        { verdict: 'note', rule: 'down', why: 'its down fails', answer: 'go' },
        { verdict: 'fails', rule: 'run-fails', why: 'it threw', answer: 'refused' },
      ],
    },
    { path: 'expand/002_b.js', statements: [], findings: [] },
  ],
}

test('SARIF has a result per finding, by what it asks for', () => {
  const log = rehearsalSarif('/srv/migrations', rehearsal)
  expect(log).toBeValidSarifLog()
  expect(log.runs[0]?.results).toMatchObject([
    {
      ...{
        ruleId: 'table-rewrite',
        level: 'warning',
        message: { text: 'writes <all> & more (needs-window). Safe way: Backfill.' },
      },
      locations: [{ physicalLocation: { artifactLocation: { uri: 'file:///srv/migrations/expand/001%20a.js' } } }],
    },
    { ruleId: 'down', level: 'note' },
    { ruleId: 'run-fails', level: 'error' },
    { ruleId: 'not-run', level: 'warning' },
  ])
})

test('JUnit fails what may not just go on, and skips what did not run', () => {
  const xml = rehearsalJunit(rehearsal)
  expect(xml).toContain('tests="5" failures="2" errors="0" skipped="1"')
  expect(xml).toContain('name="table-rewrite at statement 1"')
  expect(xml).toContain('alter table &quot;transfer&quot; alter amount type bigint')
  expect(xml).toContain('name="no findings"')
})

test('a failure is told in the format of the output', async () => {
  const { code, err } = await refit('migrations rehearse /no/such -o sarif')
  expect(code).toBe(2)
  expect(err).not.toContain('Allowed choices')
})
