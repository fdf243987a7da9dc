import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createMetrics } from '../../src/metrics'
import { createMeter } from '../../src/metrics-worker'
import { serve } from '../api/support'
import { figuresOf } from '../support/figures'
import { dashboard, dashboardFile, dashboardQueries, metricsIn, metricsOf, rules } from '../support/promql'

const root = join(__dirname, '../..')
const read = (path: string): string => readFileSync(join(root, path), 'utf8')

/** Of a worker and a server together, as they answer before anything has happened. */
async function metricsOfBoth(): Promise<Set<string>> {
  const { registry, contentType, text } = createMetrics({
    ...{ process: 'worker' as const, version: '1.2.3', warn: () => undefined },
    config: { hub: { name: 'green-hub', environment: 'test' }, scan: { everyMs: 300_000 }, alerts: [] },
    store: { figures: { read: () => Promise.resolve(figuresOf()) } },
  })
  createMeter(registry, () => ({}))
  await serve({ metrics: { registry, contentType, text } })
  return metricsOf(await text())
}

const ours = (queries: string[]): string[] =>
  [...new Set(queries.flatMap(metricsIn))].filter((name) => !name.startsWith('temporal_'))

test('every metric that a rule names is there', async () => {
  const there = await metricsOfBoth()
  expect(ours(rules().map(({ expr }) => expr)).filter((name) => !there.has(name))).toEqual([])
})

test('every metric that the dashboard names is there', async () => {
  const there = await metricsOfBoth()
  expect(ours(dashboardQueries()).filter((name) => !there.has(name))).toEqual([])
})

test('docs/metrics.md explains every metric of Refit, and no other', async () => {
  const there = [...(await metricsOfBoth())].filter((name) => name.startsWith('refit_'))
  const base = (name: string): string => name.replace(/_(bucket|sum|count)$/, '')
  const explained = [...read('docs/metrics.md').matchAll(/^\| `(refit_[a-z0-9_]+)` /gm)].map(([, name]) => name)
  expect(new Set(explained)).toEqual(new Set(there.map(base)))
})

test('every rule names a section of the runbook that is there, its own', () => {
  const sections = [...read('docs/runbook.md').matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title.toLowerCase().replace(/ /g, '-'),
  )
  for (const { alert, annotations } of rules()) {
    const [file, anchor = ''] = annotations.runbook.split('#')
    expect([file, anchor]).toEqual(['docs/runbook.md', alert.toLowerCase()])
    expect(sections).toContain(anchor)
  }
})

test('a missing scan is among the rules', () => {
  expect(rules().map(({ alert }) => alert)).toContain('RefitScanMissing')
})

test('every query of the dashboard is of the chosen hub', () => {
  const everywhere = dashboardQueries().filter((query) => !query.includes('hub=~"$hub",environment=~"$environment"'))
  expect(everywhere).toEqual([])
})

test('no two panels of the dashboard lie on each other or have one number', () => {
  const { panels } = dashboard()
  const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, i) => `${x + (i % w)},${y + Math.floor(i / w)}`),
  )
  expect(new Set(cells).size).toBe(cells.length)
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length)
  expect(panels.every(({ gridPos: { x, w } }) => x + w <= 24)).toBe(true)
})

test.each([
  ['a panel without a query', (panels: Record<string, unknown>[]) => void (panels[1]!.targets = [])],
  ['a panel of an unknown kind', (panels: Record<string, unknown>[]) => void (panels[1]!.type = 'gauge2')],
  ['a misspelt key', (panels: Record<string, unknown>[]) => void (panels[1]!.gridPosition = {})],
])('%s would be found out', (_, spoil) => {
  const spoilt = JSON.parse(JSON.stringify(dashboard())) as { panels: Record<string, unknown>[] }
  spoil(spoilt.panels)
  expect(dashboardFile.safeParse(spoilt).success).toBe(false)
})
