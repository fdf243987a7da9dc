import type { AddressInfo } from 'node:net'
import pino from 'pino'
import { migrationsHash, promotionOf } from '../../src/activities/promoted'
import { createApp } from '../../src/api/app'
import type { Api } from '../../src/api/types'
import { createPromotions } from '../../src/clients/promotion'
import { createToken } from '../../src/operations/tokens'
import type { Store } from '../../src/store/contracts'
import { policy } from '../domain/fixtures'
import { config, decision, fakeTemporal } from '../operations/support'
import { digest, planOf } from '../store/plans'
import { apiParts } from '../support/api-parts'
import { type TestDatabases, testDatabases } from '../support/database'

/** The other hub: a real HTTP server over a real store of its own. */
let databases: TestDatabases
let store: Store
let staging: Api
let url: string
beforeAll(async () => {
  databases = await testDatabases()
  store = (await databases.store()).store
  const { temporal } = fakeTemporal()
  staging = await createApp(
    {
      config: { ...config, hub: { name: 'staging-hub', environment: 'staging' } },
      store,
      temporal,
      hubTemporal: () => Promise.resolve(temporal),
      ...apiParts(),
    },
    { logger: pino({ level: 'silent' }), version: '1.0.0', isLocal: false },
  )
  await staging.listen({ host: '127.0.0.1', port: 0 })
  url = `http://127.0.0.1:${(staging.server.address() as AddressInfo).port}`
})
afterAll(async () => {
  await staging.close()
  await databases.remove()
})

const hour = 3_600_000
const job = { kind: 'job' as const, command: ['npm', 'run', 'migrate'], deadlineMs: 600_000 }
const promoted = (bakedForMs: number) => policy({ promote: { from: 'staging', bakedForMs }, migrations: [job] })

async function token(scope: 'viewer' | 'admin' = 'viewer', expiresAt: Date | null = null): Promise<string> {
  const created = await createToken({ store, config }, { name: 'production', scope, expiresAt, by: 'ana' })
  return created.secret
}

/** Asks as the production hub does, whose images come from another registry. */
async function asked(bakedForMs: number, secret: string) {
  const promotions = createPromotions([{ name: 'staging', url, token: secret }])
  const asking = { repository: 'mirror.example.org/hub/ledger', digest: digest('b'), now: Date.now() }
  return promotionOf(promotions, { policy: promoted(bakedForMs), ...asking }).finally(() => promotions.close())
}

/** The same candidate goes to the staging hub. */
async function upgradeThere(hoursAgo: number, command = job.command): Promise<string> {
  const plan = planOf()
  const like = { workload: 'ledger', container: 'app' }
  const planHash = await store.plans.save({ ...plan, migrations: [{ ...job, command, image: 'x', like }] })
  const { id } = await store.upgrades.open(await store.plans.read(planHash), planHash)
  const at = new Date(Date.now() - hoursAgo * hour)
  const entry = { upgradeId: id, phase: 'bake' as const, kind: 'ended', message: '', key: 'end', at }
  await store.upgrades.record({ ...entry, outcome: 'succeeded' })
  return planHash
}

/** What the last scan there saw. */
async function scannedThere(tag: string, runs: string): Promise<void> {
  const found = decision({ namespace: 'hub', service: 'ledger', current: tag, currentDigest: runs })
  const read = { scanId: 'scan-1', readSince: await store.scans.now() }
  await store.decisions.save(read, [{ decision: found, inputs: 'x' }])
}

test('a candidate proves itself on the other hub, step by step', async () => {
  const secret = await token()
  expect(await asked(48 * hour, secret)).toMatchObject({ kind: 'held', reason: 'has not succeeded on staging yet' })

  await upgradeThere(60, ['npm', 'run', 'other'])
  await scannedThere('v1.0.1', digest('b'))
  expect(await asked(48 * hour, secret)).toMatchObject({ reason: expect.stringContaining('with other migrations') })

  const planHash = await upgradeThere(3)
  expect(await asked(48 * hour, secret)).toMatchObject({
    kind: 'held',
    reason: expect.stringMatching(/^runs on staging since .* and must for 2 d/),
  })
  expect(await asked(2 * hour, secret)).toMatchObject({ kind: 'promoted', hub: 'staging', planHash })

  await scannedThere('v1.0.0', digest('a'))
  expect(await asked(2 * hour, secret)).toMatchObject({
    reason: 'succeeded on staging, but does not run there any more',
  })
})

test('only with a token that counts', async () => {
  const refusal = "waits for staging, which can't be asked: it refuses the token of hubs in refit.yaml (401)"
  expect(await asked(0, 'rft_wrong')).toMatchObject({ kind: 'held', reason: refusal })
  expect(await asked(0, await token('viewer', new Date(Date.now() - 1)))).toMatchObject({ reason: refusal })
  const nobody = await staging.inject({ url: `/api/v1/promotions?repository=hub/ledger&digest=${digest('b')}` })
  expect(nobody.statusCode).toBe(401)
})

test('the answer has hashes and names, and nothing of a plan besides', async () => {
  const authorization = `Bearer ${await token()}`
  const answer = await staging.inject({
    url: `/api/v1/promotions?repository=hub/ledger&digest=${digest('b')}`,
    headers: { authorization },
  })
  expect(answer.json()).toMatchObject({ hub: { name: 'staging-hub', environment: 'staging' } })
  expect(answer.json<{ upgrades: { migrations: string }[] }>().upgrades[0]?.migrations).toBe(migrationsHash([job]))
  for (const query of ['repository=hub/ledger', `repository=hub/ledger&digest=sha256:1`, `digest=${digest('b')}`]) {
    const refused = await staging.inject({ url: `/api/v1/promotions?${query}`, headers: { authorization } })
    expect(refused.statusCode).toBe(400)
  }
  const other = await staging.inject({
    url: `/api/v1/promotions?repository=hub/quoting&digest=${digest('b')}`,
    headers: { authorization },
  })
  expect(other.json()).toMatchObject({ upgrades: [] })
})

test('a hub that went away holds the candidate', async () => {
  const secret = await token()
  await staging.close()
  expect(await asked(0, secret)).toMatchObject({
    kind: 'held',
    reason: "waits for staging, which can't be asked: ECONNREFUSED",
  })
})
