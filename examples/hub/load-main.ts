import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { startLoad, type LoadResult } from './load'
import { verifyLedger } from './verify'

const USAGE = 'load-main --ledger http://127.0.0.1:PORT [--quoting URL] [--rate 120] [--seconds N] [--database URL]'

const { values } = parseArgs({
  options: {
    ledger: { type: 'string' },
    quoting: { type: 'string' },
    rate: { type: 'string', default: '120' },
    /** stops by itself after this; without it, on SIGTERM */
    seconds: { type: 'string' },
    /** checks the ledger at the end; or DATABASE_URL, which no process list shows */
    database: { type: 'string', default: process.env.DATABASE_URL },
  },
})

/**
 * A JSON line per second; on SIGTERM, SIGINT or after --seconds a last one with `final: true` and the verification. A line
 * on stdin labels the payments from then on; an empty one ends the label.
 */
async function main(): Promise<void> {
  if (!values.ledger) throw new Error(`usage: ${USAGE}`)
  const ratePerSecond = Number(values.rate)
  if (!(ratePerSecond > 0)) throw new Error(`--rate is not a number above 0: ${values.rate}`)
  const load = startLoad({ ledgerUrl: values.ledger, quotingUrl: values.quoting, ratePerSecond, onTick: print })
  const labels = createInterface({ input: process.stdin }).on('line', (line) => load.label(line.trim() || undefined))
  await ending()
  labels.close()
  const { okIds, failedIds, ...figures }: LoadResult = await load.stop()
  const verification = values.database ? await verifyLedger(values.database, okIds, failedIds) : null
  print({ final: true, ...figures, verification })
  process.exitCode = figures.failed === 0 && verification?.sound !== false ? 0 : 1
}

function ending(): Promise<unknown> {
  return new Promise((resolve) => {
    process.once('SIGTERM', resolve)
    process.once('SIGINT', resolve)
    if (values.seconds) setTimeout(resolve, Number(values.seconds) * 1_000)
  })
}

const print = (line: object) => void process.stdout.write(`${JSON.stringify(line)}\n`)

void main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error)
  process.exit(2)
})
