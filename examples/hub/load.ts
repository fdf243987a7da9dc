import { randomBytes } from 'node:crypto'
import { createClient, loopbackUrl } from './load/client'
import { Latencies } from './load/latencies'
import { pay } from './load/payment'

export interface LoadOptions {
  /** http://127.0.0.1:PORT; nothing else is accepted */
  ledgerUrl: string
  quotingUrl?: string
  ratePerSecond: number
  /** every how many payments one is quoted first; 10 unless told */
  quoteEvery?: number
  /** after this a request counts as failed; 5 s unless told */
  timeoutMs?: number
  /** called once a second */
  onTick?: (tick: LoadTick) => void
}

export interface LoadFigures {
  sent: number
  ok: number
  failed: number
  inFlight: number
  /** reason → count: `status 500`, `timeout`, `ECONNREFUSED`, `wrong answer`, `quote: …` */
  reasons: Record<string, number>
  /** milliseconds from when a payment was due until it was answered, failed ones too */
  latency: LatencyFigures
  /** of the payments that were due while the load had a label, by that label */
  labelled: Record<string, LabelFigures>
}

export interface LatencyFigures {
  p50: number
  p99: number
  max: number
}

export interface LabelFigures {
  sent: number
  failed: number
  latency: LatencyFigures
}

export interface LoadTick extends LoadFigures {
  /** seconds since the start */
  second: number
  /** of the last second only */
  last: { ok: number; failed: number; latency: LatencyFigures }
}

export interface LoadResult extends LoadFigures {
  seconds: number
  /** transfer ids by what the client was told */
  okIds: string[]
  failedIds: string[]
}

export interface Load {
  figures(): LoadFigures
  /** from now on payments count for this label, too; undefined: for none */
  label(name: string | undefined): void
  /** sends no more, waits for what is in flight */
  stop(): Promise<LoadResult>
}

const STEP_MS = 5

/** Starts payments at a fixed rate that never waits for answers (open loop), until `stop`. No payment is tried twice. */
export function startLoad(options: LoadOptions): Load {
  const { ratePerSecond, quoteEvery = 10, timeoutMs = 5_000, onTick } = options
  const ledger = createClient(loopbackUrl(options.ledgerUrl), timeoutMs)
  const quoting = options.quotingUrl ? createClient(loopbackUrl(options.quotingUrl), timeoutMs) : undefined
  const run = randomBytes(4).toString('hex')
  const started = performance.now()
  const reasons: Record<string, number> = {}
  const okIds: string[] = []
  const failedIds: string[] = []
  const whole = new Latencies()
  let second = { ok: 0, failed: 0, latencies: new Latencies() }
  let sent = 0
  let idle: (() => void) | undefined
  let label: string | undefined
  const labels = new Map<string, { sent: number; failed: number; latencies: Latencies }>()

  const seconds = () => (performance.now() - started) / 1_000
  const inFlight = () => sent - okIds.length - failedIds.length
  const figures = (): LoadFigures => ({
    sent,
    ok: okIds.length,
    failed: failedIds.length,
    inFlight: inFlight(),
    reasons: { ...reasons },
    latency: summary(whole),
    labelled: Object.fromEntries(
      [...labels].map(([name, { sent, failed, latencies }]) => [name, { sent, failed, latency: summary(latencies) }]),
    ),
  })

  async function send(number: number): Promise<void> {
    const id = `${run}-${number}`
    const due = started + (number / ratePerSecond) * 1_000
    const counted = label === undefined ? undefined : labels.get(label)
    if (counted) counted.sent++
    const reason = await pay({ ledger, quoting: number % quoteEvery === 0 ? quoting : undefined }, id, number)
    const ms = performance.now() - due
    whole.record(ms)
    second.latencies.record(ms)
    counted?.latencies.record(ms)
    if (reason === null) {
      okIds.push(id)
      second.ok++
    } else {
      failedIds.push(id)
      second.failed++
      if (counted) counted.failed++
      reasons[reason] = (reasons[reason] ?? 0) + 1
    }
    if (inFlight() === 0) idle?.()
  }

  const pace = setInterval(() => {
    // A late timer is caught up with: the rate is kept, and the delay shows in the latencies.
    for (const due = Math.floor(seconds() * ratePerSecond); sent < due;) void send(sent++)
  }, STEP_MS)
  const ticks = setInterval(() => {
    const { ok, failed, latencies } = second
    second = { ok: 0, failed: 0, latencies: new Latencies() }
    onTick?.({ second: Math.round(seconds()), last: { ok, failed, latency: summary(latencies) }, ...figures() })
  }, 1_000)

  return {
    figures,
    label(name) {
      label = name
      if (name !== undefined && !labels.has(name)) labels.set(name, { sent: 0, failed: 0, latencies: new Latencies() })
    },
    async stop() {
      clearInterval(pace)
      clearInterval(ticks)
      const ran = seconds()
      if (inFlight() > 0) await new Promise<void>((resolve) => (idle = resolve))
      ledger.close()
      quoting?.close()
      return { ...figures(), seconds: round(ran), okIds, failedIds }
    },
  }
}

const round = (value: number) => Math.round(value * 100) / 100

const summary = (latencies: Latencies): LatencyFigures => ({
  p50: round(latencies.percentile(0.5)),
  p99: round(latencies.percentile(0.99)),
  max: round(latencies.max),
})
