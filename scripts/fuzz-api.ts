/**
 * `npm run fuzz:api -- [CASES [SECONDS]]`: schemathesis against every route of a real server with a real PostgreSQL and a real
 * Temporal. Fails on an answer that the document doesn't have, and on any 5xx but a documented "is away". The last line
 * is JSON.
 */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pino from 'pino'
import { createApp } from '../src/api/app'
import { connectTemporal, temporalSettings } from '../src/clients/temporal'
import { loadConfig, settingsOf } from '../src/config'
import { hubTemporal } from '../src/operations/temporal'
import { createToken } from '../src/operations/tokens'
import { createStore } from '../src/store'
import { listenForChanges } from '../src/store/changes'
import { down, up } from '../stack'
import { planOf } from '../test/store/plans'
import { apiParts } from '../test/support/api-parts'
import { endsTokens, ensureSchemathesis, runSchemathesis } from './schemathesis'

interface Answered {
  route?: string
  method?: string
  status?: number
}

const refitYaml = `
hub: { name: fuzz-hub, environment: test }
server: { requestsPerMinute: 1000000 }
policies: [ { name: core, select: { namespaces: [hub], images: ["*"] }, mode: approve } ]
people: [ { name: ana, groups: [tech-ops] } ]
`

async function main(cases: number, seconds: number): Promise<number> {
  const program = ensureSchemathesis((line) => process.stderr.write(`${line}\n`))
  const name = `fuzz-${randomBytes(3).toString('hex')}`
  const folder = mkdtempSync(join(tmpdir(), 'refit-fuzz-'))
  const stack = await up({ name, node: 'simulated', parts: ['postgres', 'temporal'], yes: true })
  try {
    await stack.postgres.createDatabase('fuzz')
    const databaseUrl = stack.postgres.url('fuzz')
    const store = createStore(databaseUrl)
    await store.migrate()
    const file = join(folder, 'refit.yaml')
    writeFileSync(file, refitYaml)
    const env = { ...process.env, TEMPORAL_ADDRESS: stack.temporal.address, TEMPORAL_NAMESPACE: 'default' }
    const config = loadConfig({ file, env })
    const client = await connectTemporal(env)
    const temporal = hubTemporal(client)
    const answered: Answered[] = []
    const failed: string[] = []
    const logger = pino(
      { level: 'info' },
      {
        write(line: string) {
          const entry = JSON.parse(line) as Answered & { msg: string }
          if (entry.msg === 'request') answered.push(entry)
          if (entry.msg === 'request failed') failed.push(line)
        },
      },
    )
    const app = await createApp(
      {
        ...{ ...apiParts(), config, store, temporal, hubTemporal: () => Promise.resolve(temporal) },
        ...{ temporalNamespace: temporalSettings(env).namespace, environment: {} },
        settings: settingsOf(config, { file, env }) ?? {},
        changes: (listener) => listenForChanges(databaseUrl, listener),
      },
      { logger, version: 'fuzz', isLocal: false },
    )
    await app.listen({ host: '127.0.0.1', port: 0 })
    const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`
    const { secret } = await createToken(
      { store, config },
      { name: 'ana', scope: 'admin', expiresAt: null, by: 'fuzz' },
    )
    const plan = planOf()
    const upgrade = await store.upgrades.open(plan, await store.plans.save(plan))
    const ran = [
      await runSchemathesis({ program, url, secret, cases, seconds, folder, known: {} }),
      // Random names lead nowhere; these lead to what is there.
      await runSchemathesis({
        ...{ program, url, secret, cases, seconds, folder },
        known: { namespace: 'hub', service: 'ledger', id: upgrade.id, name: 'scan' },
      }),
      await runSchemathesis({ program, url, secret, cases, seconds, folder, known: {}, only: endsTokens }),
    ]
    await app.close()
    await client.connection.close()
    await store.close()
    return report(answered, failed, ran)
  } finally {
    await down(name, { purge: true })
    rmSync(folder, { recursive: true })
  }
}

function report(answered: readonly Answered[], failed: readonly string[], statuses: readonly number[]): number {
  const byStatus: Record<string, number> = {}
  for (const { status = 0 } of answered) byStatus[status] = (byStatus[status] ?? 0) + 1
  const serverErrors = answered.filter(({ status = 0 }) => status >= 500 && ![502, 503, 504].includes(status))
  for (const line of failed.filter((each) => !/"code":"(NO_WORKER|TEMPORAL_UNAVAILABLE)"/.test(each)).slice(0, 20))
    process.stderr.write(line)
  const routes = new Set(answered.map(({ method, route }) => `${method} ${route}`)).size
  const isGood = serverErrors.length === 0 && statuses.every((status) => status === 0)
  const result = { cases: answered.length, routes, byStatus, serverErrors: serverErrors.length, schemathesis: statuses }
  process.stdout.write(`${JSON.stringify(result)}\n`)
  return isGood ? 0 : 1
}

void main(Number(process.argv[2] ?? 50), Number(process.argv[3] ?? 900)).then(
  (code) => (process.exitCode = code),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`)
    process.exitCode = 1
  },
)
