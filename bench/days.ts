/**
 * Simulated days of a hub with 50 services, weekly windows in four zones, freezes, random releases, failures, outages and
 * answers that come late or mean another plan: the real workflows, activities, clients and store on the time-skipping
 * Temporal server, with a made-up API server and registry. Last line: JSON with `violations`. With DAYS_DEBUG what fails is
 * shown. It has not come to its end yet.
 *   --days N (24)   --releases N (240)   --seed N
 */
import { parseArgs } from 'node:util'
import { simulateDays } from '../test/support/days/simulate'

const { values } = parseArgs({
  options: {
    days: { type: 'string', default: '24' },
    releases: { type: 'string', default: '240' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
  },
})
const say = (line: string): void => void process.stderr.write(`${line}\n`)

async function main(): Promise<number> {
  const [days, releases, seed] = [Number(values.days), Number(values.releases), Number(values.seed)]
  say(`seed ${seed}`)
  const report = await simulateDays({ days, releases, seed, progress: say })
  process.stdout.write(`${JSON.stringify({ bench: 'days', ...report })}\n`)
  return report.violations.length === 0 ? 0 : 1
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    say(error instanceof Error ? String(error.stack) : String(error))
    process.exit(1)
  },
)
