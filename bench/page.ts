/** How long the server takes for what the page asks, over 2,000 services and 20,000 upgrades. The last line is JSON. */
import { randomBytes } from 'node:crypto'
import { performance } from 'node:perf_hooks'
import pino from 'pino'
import { createApp } from '../src/api/app'
import { parseConfig } from '../src/config'
import { createToken } from '../src/operations/tokens'
import { createStore } from '../src/store'
import { down, up } from '../stack'
import { apiParts } from '../test/support/api-parts'
import { fakeTemporal } from '../test/operations/support'
import { median, rounded } from './median'
import { fillHistory, fillServices } from './page-rows'

const services = 2_000
const upgrades = 20_000
const rounds = Number(process.env.ROUNDS ?? 51)

const config = parseConfig({
  name: 'refit.yaml',
  env: {},
  text: `
hub: { name: bench, environment: bench }
server: { requestsPerMinute: 1000000 }
policies:
  - { name: core, select: { namespaces: ["hub-*"], images: ["*/hub/*"] }, mode: approve, windows: [ { cron: "0 2 * * SAT", duration: 3h, timeZone: Africa/Nairobi } ] }
`,
})

const paths: Record<string, string> = {
  overview: '/api/v1/services',
  service: '/api/v1/services/hub-7/service-777',
  history: '/api/v1/upgrades',
  historyOfService: '/api/v1/upgrades?namespace=hub-7&service=service-777',
  historyOfOutcome: '/api/v1/upgrades?outcome=rolled-back&limit=200',
  historySearched: '/api/v1/upgrades?q=nothing-is-called-so',
  historyOfPerson: '/api/v1/upgrades?by=ana',
  csv: '/api/v1/upgrades.csv',
  calendar: '/api/v1/calendar',
  registries: '/api/v1/registries',
}

async function main(): Promise<void> {
  const name = `bench-page-${randomBytes(3).toString('hex')}`
  const stack = await up({ name, node: 'simulated', parts: ['postgres'], yes: true })
  try {
    await stack.postgres.createDatabase('page')
    const store = createStore(stack.postgres.url('page'))
    await store.migrate()
    await fillServices(store, services)
    await fillHistory(stack.postgres.url('page'), { services, upgrades })
    const { temporal } = fakeTemporal()
    const app = await createApp(
      { ...apiParts(), config, store, temporal, hubTemporal: () => Promise.resolve(temporal) },
      { logger: pino({ level: 'silent' }), version: 'bench', isLocal: true },
    )
    const { secret } = await createToken(
      { store, config },
      { name: 'ana', scope: 'viewer', expiresAt: null, by: 'ana' },
    )
    const results: Record<string, { ms: number; p95: number; kilobytes: number }> = {}
    for (const [what, url] of Object.entries(paths)) {
      const took: number[] = []
      let bytes = 0
      for (let round = -3; round < (what === 'csv' ? 5 : rounds); round += 1) {
        const begun = performance.now()
        const answer = await app.inject({ url, headers: { authorization: `Bearer ${secret}` } })
        if (answer.statusCode !== 200) throw new Error(`${url}: ${answer.body}`)
        bytes = answer.rawPayload.length
        if (round >= 0) took.push(performance.now() - begun)
      }
      const sorted = [...took].sort((a, b) => a - b)
      const p95 = sorted[Math.floor(sorted.length * 0.95)] ?? NaN
      results[what] = { ms: rounded(median(took)), p95: rounded(p95), kilobytes: rounded(bytes / 1024, 0) }
    }
    await app.close()
    await store.close()
    process.stdout.write(`${JSON.stringify({ services, upgrades, rounds, results })}\n`)
  } finally {
    await down(name, { purge: true })
  }
}

void main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`)
  process.exitCode = 1
})
