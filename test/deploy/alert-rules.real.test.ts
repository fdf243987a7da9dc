import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promtoolProgram } from '../../scripts/programs'
import { dashboardQueries, filled } from '../support/promql'

const alerts = join(__dirname, '../../deploy/alerts')

function promtool(...args: string[]): string {
  const program = promtoolProgram()
  if (!program) throw new Error('promtool is missing: apt-get install prometheus, or run npm test, which unpacks it')
  return execFileSync(program, args, { cwd: alerts, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
}

/** promtool's verdict on these queries, as rules. */
function check(queries: string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'refit-rules-'))
  try {
    const file = join(folder, 'rules.json')
    const rules = queries.map((expr, i) => ({ record: `query_${i}`, expr }))
    writeFileSync(file, JSON.stringify({ groups: [{ name: 'dashboard', rules }] }))
    return promtool('check', 'rules', file)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

test('Prometheus takes every rule', () => {
  expect(promtool('check', 'rules', 'refit.yaml')).toMatch(/SUCCESS: \d+ rules found/)
})

test('each rule fires when it should and not before, as deploy/alerts/refit.test.yaml says', () => {
  expect(promtool('test', 'rules', 'refit.test.yaml')).toContain('SUCCESS')
})

test('Prometheus takes every query of the dashboard', () => {
  const queries = dashboardQueries().map(filled)
  expect(check(queries)).toContain(`SUCCESS: ${queries.length} rules found`)
})

test('a query that is wrong would be found out', () => {
  expect(() => check(['sum by (le (refit_upgrades_held)'])).toThrow()
})
