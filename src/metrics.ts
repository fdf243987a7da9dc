import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client'
import { routesOf } from './domain/alerts'
import { sentenceOf } from './domain/errors'
import { approvalAges, figureText } from './metrics-figures'
import type { Config } from './config'
import type { FigureStore } from './store/contracts'

/** Several scrapes within this time ask the store once. */
const freshMs = 10_000
/** Prometheus gives up a scrape after 10 s; the process's own numbers must be there by then. */
const patienceMs = 5_000

export interface Metrics {
  /** for counters and histograms of the process */
  registry: Registry
  contentType: string
  /** Everything, in Prometheus' text format. Never throws: without the store its gauges are missing and refit_store_up is 0. */
  text(): Promise<string>
}

interface Measured {
  process: 'server' | 'worker'
  version: string
  config: Pick<Config, 'hub' | 'scan' | 'alerts'>
  store: { figures: FigureStore }
  /** told once when the store can't be read any more, and not again until it can */
  warn: (facts: object, message: string) => void
  now?: () => number
}

/** On every metric: one Prometheus may watch many hubs. */
export const hubLabels = ({ name, environment }: Config['hub']): { hub: string; environment: string } => ({
  hub: name,
  environment,
})

/** What one process answers to `/metrics`: its own numbers, and how the hub stands by the store. */
export function createMetrics({ process, version, config, store, warn, now = Date.now }: Measured): Metrics {
  const registry = new Registry()
  const registers = [registry]
  const labels = hubLabels(config.hub)
  registry.setDefaultLabels(labels)
  collectDefaultMetrics({ register: registry })
  new Gauge({
    name: 'refit_build_info',
    help: 'Always 1: which build this process runs.',
    labelNames: ['process', 'version'],
    registers,
  }).set({ process, version }, 1)
  new Gauge({
    name: 'refit_scan_interval_seconds',
    help: 'scan.every of refit.yaml.',
    registers,
  }).set(config.scan.everyMs / 1_000)
  const up = new Gauge({ name: 'refit_store_up', help: '1: the store could be read for this scrape.', registers })
  const failures = new Counter({
    name: 'refit_store_read_failures_total',
    help: 'Scrapes for which the store could not be read.',
    registers,
  })
  const targets = routesOf(config.alerts).map(({ name }) => name)
  const read = kept(
    async () => figureText(await store.figures.read(Object.values(approvalAges)), { targets, labels }),
    now,
  )

  let isAway = false
  const figures = async (): Promise<string> => {
    try {
      const text = await within(patienceMs, read())
      isAway = false
      up.set(1)
      return text
    } catch (error) {
      if (!isAway) warn({ error: sentenceOf(error) }, 'the store could not be read for /metrics')
      isAway = true
      up.set(0)
      failures.inc()
      return ''
    }
  }
  return {
    registry,
    contentType: registry.contentType,
    async text() {
      const hub = await figures()
      return `${await registry.metrics()}${hub}`
    },
  }
}

/** Calls share what is under way, and what is fresh; a failure is not kept. */
function kept(read: () => Promise<string>, now: () => number): () => Promise<string> {
  let running: Promise<string> | undefined
  let last: { text: string; at: number } | undefined
  const ask = async (): Promise<string> => {
    try {
      const text = await read()
      last = { text, at: now() }
      return text
    } finally {
      running = undefined
    }
  }
  return async () => {
    if (last && now() - last.at < freshMs) return last.text
    return (running ??= ask())
  }
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ms / 1_000} s`)), ms)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
