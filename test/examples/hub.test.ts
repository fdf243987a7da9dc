import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import semver from 'semver'
import { startLoad } from '../../examples/hub/load'
import { Latencies } from '../../examples/hub/load/latencies'
import { manifests } from '../../examples/hub/manifests'
import { migrationsIn, releaseName, RELEASES, SERVICES, withDataMigrations } from '../../examples/hub/releases'
import { loadConfig, parseConfig } from '../../src/config'

test.each(SERVICES)('each release of %s is newer than all before it, so that it is offered', (service) => {
  const tags = RELEASES.filter((each) => each.service === service).map(({ tag }) => tag)
  expect(tags).toEqual([...new Set(tags)].sort(semver.compare))
})

test('an image carries the migrations of all versions before it, without the withdrawn ones', () => {
  expect(migrations('v1.0.1')).toEqual(['20260101000000_ledger.js'])
  expect(migrations('v1.1.4')).toContain('20260220000000_transfer_quoteId_required.js')
  expect(migrations('v1.2.0')).toEqual([
    '20260101000000_ledger.js',
    '20260201000000_transfer_quoteId.js',
    '20260215000000_transfer_reference.js',
  ])
})

test('the manifests run a migrating init container from the service’s own image', () => {
  const all = manifests({
    namespace: 'hub',
    registry: 'r:5000',
    databaseUrl: 'postgres://x',
    tags: { ledger: 'v1.0.1' },
  })
  const ledger = all.find((each) => (each as { metadata: { name: string }; kind: string }).kind === 'Deployment')
  expect(ledger).toMatchObject({
    spec: {
      replicas: 3,
      strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      template: {
        spec: {
          initContainers: [{ name: 'run-migration', image: 'r:5000/hub/ledger:v1.0.1' }],
          containers: [{ name: 'ledger', image: 'r:5000/hub/ledger:v1.0.1' }],
        },
      },
    },
  })
})

const migrations = (tag: string) =>
  RELEASES.filter((each) => releaseName(each) === `ledger:${tag}`).flatMap(migrationsIn)

test('refit.yaml is valid, and only the ledger, whose consumer is a singleton, may miss a pod', () => {
  const file = join(__dirname, '../../examples/hub/refit.yaml')
  const { policies, registries } = loadConfig({ file, env: { REGISTRY: '127.0.0.1:5000' } })
  expect(registries).toMatchObject([{ host: '127.0.0.1:5000', insecure: true }])
  expect(policies.map(({ select, rollout }) => [select.images, rollout.maxUnavailable])).toEqual([
    [['*/hub/ledger'], 1],
    [['*/hub/quoting', '*/hub/settlement'], 0],
  ])
})

test('with the migrations of v1.2.0 it is valid too: contract waits for its own yes and for who reads the same tables', () => {
  const folder = join(__dirname, '../../examples/hub')
  const text = withDataMigrations(readFileSync(join(folder, 'refit.yaml'), 'utf8'))
  const { policies } = parseConfig({ name: join(folder, 'refit.yaml'), text, env: { REGISTRY: '127.0.0.1:5000' } })
  expect(policies[0]?.migrations).toMatchObject([
    { kind: 'job', database: 'HUB_DATABASE_URL', path: '/app/migrations', table: 'migration' },
    {
      kind: 'knex',
      database: 'HUB_DATABASE_URL',
      contract: { approval: { required: 1 }, users: [{ service: 'hub/quoting' }, { service: 'hub/settlement' }] },
    },
  ])
})

test.each(['http://10.96.0.1', 'http://localhost:3001', 'https://127.0.0.1', 'http://127.0.0.1.example.org'])(
  'refuses the target %s',
  (ledgerUrl) => {
    expect(() => startLoad({ ledgerUrl, ratePerSecond: 1 })).toThrow('load may only go to http://127.0.0.1')
  },
)

test('percentiles are right within two percent', () => {
  const latencies = new Latencies()
  for (let ms = 1; ms <= 1_000; ms++) latencies.record(ms)
  expect(latencies.percentile(0.5)).toBeCloseTo(505, -1)
  expect(latencies.percentile(0.99) / 990).toBeCloseTo(1.01, 1)
  expect(latencies.max).toBe(1_000)
})
