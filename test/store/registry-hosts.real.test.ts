import { createRegistry, hostLimits } from '../../src/clients/registry'
import type { Registry } from '../../src/clients/contracts'
import { createStore } from '../../src/store'
import type { Store } from '../../src/store/contracts'
import { answerWith, startServer, type TestServer } from '../clients/registry-server'
import { testDatabases, type TestDatabases } from '../support/database'

let databases: TestDatabases
let server: TestServer
let url: string
const opened: { close(): Promise<void> }[] = []

beforeAll(async () => {
  databases = await testDatabases()
  server = await startServer()
  ;({ url } = await databases.store())
})
afterAll(async () => {
  await Promise.all(opened.map((each) => each.close()))
  await server?.close()
  await databases?.remove()
})
beforeEach(async () => {
  await databases.query(url, 'truncate registry_host, registry_rate')
  server.answer(answerWith(200, '{"tags":["v1.0.0"]}'))
})

/** A worker: a store, limits and a registry client of its own. */
function worker(): { registry: Registry; store: Store } {
  const store = createStore(url)
  const registry = createRegistry({
    registries: [{ host: server.host, insecure: true, requestsPerSecond: 10 }],
    limits: hostLimits(store.registryHosts),
  })
  opened.push(registry, store)
  return { registry, store }
}

const read = (registry: Registry, count: number, from = 0) =>
  Promise.all(Array.from({ length: count }, (_, index) => registry.listTags(`${server.host}/hub/s${from + index}`)))

test('two workers together ask a registry no more often than one may', async () => {
  const workers = [worker(), worker()]
  const begun = Date.now()
  await Promise.all(workers.map(({ registry }, index) => read(registry, 20, index * 20)))
  // 40 requests: the fourth second has begun.
  expect(Date.now() - begun).toBeGreaterThan(2_900)
  expect(server.requests).toHaveLength(40)
  const [{ points } = { points: 0 }] = await databases.query<{ points: number }>(
    url,
    'select points from registry_rate',
  )
  expect(points).toBeGreaterThan(0)
})

test('what asks to be left alone is left alone by the other worker, and by one that starts later', async () => {
  const [first, second] = [worker(), worker()]
  await read(second.registry, 1)
  server.answer(answerWith(429, '', { 'retry-after': '3600' }))
  await expect(read(first.registry, 1)).rejects.toMatchObject({ code: 'REGISTRY_BUSY' })
  expect(server.requests).toHaveLength(1)

  await expect(read(worker().registry, 5)).rejects.toMatchObject({ code: 'REGISTRY_BUSY' })
  await new Promise((resolve) => setTimeout(resolve, 1_100))
  // The one that knew of no block asks the store again, at most a second late.
  await read(second.registry, 1).catch(() => undefined)
  const before = server.requests.length
  await expect(read(second.registry, 5)).rejects.toMatchObject({ code: 'REGISTRY_BUSY' })
  expect(server.requests).toHaveLength(before)
})

test('a shorter block never replaces a longer one', async () => {
  const { store } = worker()
  const until = Date.now() + 3_600_000
  await store.registryHosts.block('a.example.org', until)
  await store.registryHosts.block('a.example.org', until - 60_000)
  expect(await store.registryHosts.blockedUntil('a.example.org')).toBe(until)
  expect(await store.registryHosts.blockedUntil('b.example.org')).toBe(0)
})

test('many requests cost few questions to the store', async () => {
  const { store } = worker()
  let asked = 0
  const limits = hostLimits({
    ...store.registryHosts,
    takePoints: (...point) => ((asked += 1), store.registryHosts.takePoints(...point)),
  })
  await Promise.all(Array.from({ length: 1_000 }, () => limits.take('c.example.org', 1_000, 1)))
  expect(asked).toBeLessThan(20)
})

test('without the database registries are read on, within the limit of the process', async () => {
  const { registry } = worker()
  await read(registry, 1)
  await databases.kill()
  try {
    await read(registry, 15)
    expect(server.requests).toHaveLength(16)
  } finally {
    await databases.start()
  }
})
