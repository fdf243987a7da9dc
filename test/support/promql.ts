import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'

const deploy = join(__dirname, '../../deploy')

const rule = z.strictObject({
  alert: z.string().regex(/^Refit[A-Z][A-Za-z]+$/),
  expr: z.string(),
  for: z
    .string()
    .regex(/^\d+[mh]$/)
    .optional(),
  labels: z.strictObject({ severity: z.enum(['page', 'action']) }),
  annotations: z.strictObject({ summary: z.string(), description: z.string(), runbook: z.string() }),
})
export const ruleFile = z.strictObject({
  groups: z.array(z.strictObject({ name: z.string(), rules: z.array(rule) })),
})

export const rules = () =>
  ruleFile.parse(parse(readFileSync(join(deploy, 'alerts/refit.yaml'), 'utf8'))).groups.flatMap((group) => group.rules)

const place = z.strictObject({ h: z.int(), w: z.int(), x: z.int(), y: z.int() })
const datasource = z.strictObject({ type: z.literal('prometheus'), uid: z.literal('${datasource}') })
const target = z.strictObject({ refId: z.string(), expr: z.string(), legendFormat: z.string(), datasource })
const panel = z.discriminatedUnion('type', [
  z.strictObject({
    ...{ id: z.int(), type: z.literal('row'), title: z.string(), gridPos: place },
    ...{ collapsed: z.literal(false), panels: z.tuple([]) },
  }),
  z.strictObject({
    ...{ id: z.int(), type: z.enum(['stat', 'timeseries']), title: z.string(), description: z.string().optional() },
    ...{ gridPos: place, datasource, targets: z.array(target).min(1) },
    fieldConfig: z.strictObject({ defaults: z.looseObject({ unit: z.string() }), overrides: z.tuple([]) }),
    options: z.looseObject({}),
  }),
])
/** Grafana's dashboard model as far as ours uses it; what Grafana would ignore is a mistake. */
export const dashboardFile = z.looseObject({
  uid: z.literal('refit'),
  title: z.string(),
  schemaVersion: z.int(),
  templating: z.strictObject({ list: z.array(z.looseObject({ name: z.string(), type: z.string() })) }),
  panels: z.array(panel),
})
export const dashboard = () => dashboardFile.parse(JSON.parse(readFileSync(join(deploy, 'grafana/refit.json'), 'utf8')))

export const dashboardQueries = (): string[] =>
  dashboard().panels.flatMap((each) => (each.type === 'row' ? [] : each.targets.map(({ expr }) => expr)))

/** A dashboard's query as Prometheus takes it. */
export const filled = (query: string): string => query.replaceAll('$__rate_interval', '5m').replaceAll(/\$\w+/g, '.*')

/** The metrics that a query names. */
export const metricsIn = (query: string): string[] => [
  ...new Set(query.match(/\b(?:refit|temporal|process|nodejs)_[a-z0-9_]+/g) ?? []),
]

/** The names of the metrics in Prometheus' text format; a histogram has those of its parts. */
export const metricsOf = (text: string): Set<string> =>
  new Set(
    [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].flatMap(([, name = '', type]) =>
      type === 'histogram' ? ['_bucket', '_sum', '_count'].map((part) => `${name}${part}`) : [name],
    ),
  )
