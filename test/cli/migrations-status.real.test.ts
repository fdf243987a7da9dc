import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import knex, { type Knex } from 'knex'
import { push } from '../../examples/hub/image/push'
import type { Registry } from '../../src/clients/contracts'
import { createRegistry, hostLimits } from '../../src/clients/registry'
import { down, up, type Stack } from '../../stack'
import { configOf, layerOf, type Entry } from '../clients/layers'
import { centralLedgerReleases, writeRelease, type Release } from '../support/central-ledger'
import { testMariaDb, type TestMariaDb } from '../support/mariadb'
import { refit } from './support'

const name = `migrations-status-${randomBytes(3).toString('hex')}`
const folder = mkdtempSync(join(tmpdir(), 'refit-status-'))
const registry = createRegistry({ registries: [], limits: hostLimits() })
/** The command closes what it opened; this one is used again. */
const shared: Registry = { ...registry, close: () => Promise.resolve() }
let stack: Stack
let mariadb: TestMariaDb
let env: { LEDGER_DATABASE_URL: string }

const knexfile = `'use strict'
const migrationsDirectory = require('path').join(__dirname, '../migrations')
module.exports = { client: 'mysql2', migrations: { directory: migrationsDirectory, tableName: 'migration' } }
`
const releaseOf = (version: string): Release => {
  const release = centralLedgerReleases().find((each) => each.name === version)
  if (!release) throw new Error(`there is no ${version}`)
  return release
}

/** An image as Mojaloop builds them: the service, its libraries with migrations of their own, and a late layer. */
async function pushRelease({ name: tag, files }: Release): Promise<void> {
  const entries = Object.entries(files).map(([file, text]): Entry => [`opt/app/migrations/${file}`, text])
  const config: Entry[] = [
    ['opt/app/config/knexfile.js', knexfile],
    ['opt/app/node_modules/lib/migrations/100100_x.js', 'x'],
    ['opt/app/seeds/100100_seed.js', 'seed'],
  ]
  const late = entries.splice(-3)
  const layers = [await layerOf([...config, ...entries]), await layerOf(late)]
  await push({ registry: stack.registry.host, repository: 'mojaloop/central-ledger', tag, layers, config: configOf() })
}
const imageOf = (tag: string): string => `${stack.registry.host}/mojaloop/central-ledger:${tag}`

beforeAll(async () => {
  const registryUp = up({ name, node: 'simulated', parts: ['registry'], yes: true, progress: () => undefined })
  ;[stack, mariadb] = await Promise.all([registryUp, testMariaDb()])
  for (const version of ['v17.7.0', 'v17.7.1', 'v18.0.0']) await pushRelease(releaseOf(version))
  const url = await mariadb.create()
  env = { LEDGER_DATABASE_URL: url }
  const db = knex({ client: 'mysql2', connection: { uri: url } as Knex.MySql2ConnectionConfig })
  try {
    await db.migrate.latest({ directory: await writeRelease(folder, releaseOf('v17.7.0')), tableName: 'migration' })
  } finally {
    await db.destroy()
  }
})
afterAll(async () => {
  await registry.close()
  await mariadb?.remove()
  await down(name, { purge: true, progress: () => undefined })
  rmSync(folder, { recursive: true, force: true })
})

const status = (line: string) => refit(`migrations status ${line}`, { registry: shared, env })

test('a patch release that withdrew a migration is refused before anybody approves it', async () => {
  const run = await status(`${imageOf('v17.7.1')} --from ${imageOf('v17.7.0')} --database LEDGER_DATABASE_URL`)
  expect(run.code).toBe(3)
  expect(run.out).toMatch(
    /v17\.7\.1: \d+ migrations in \/opt\/app\/migrations \(\/opt\/app\/config\/knexfile\.js names it\)/,
  )
  expect(run.out).toMatch(/LEDGER_DATABASE_URL \(mysql\): \d+ applied, in migration/)
  expect(run.out).toMatch(/950108_participantProxy\.js +removed +applied, file missing/)
  expect(run.out).toContain('the following files are missing: 950108_participantProxy.js.')
})

test('a database that never had it goes to the next release, whose way back needs the init container', async () => {
  const line = `${imageOf('v18.0.0')} --from ${imageOf('v17.7.1')} --init-container run-migration`
  const run = await status(`${line} -o json`)
  expect(run.code).toBe(0)
  const added = Array.from({ length: 42 }, (_, i) => `${600_010 + i}_fxTransfer${i}.js`)
  expect(run.json()).toMatchObject({
    forwards: { kind: 'applies', pending: added },
    difference: { added, outOfOrder: added, removed: [], edited: [] },
    backwards: { kind: 'starts-with', keepNew: 'run-migration' },
  })
})
