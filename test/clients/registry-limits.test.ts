import { createRegistry, hostLimits } from '../../src/clients/registry'
import { allTags } from '../../src/clients/all-tags'
import type { HostLimits, SharedHosts } from '../../src/clients/contracts'
import { leaveAloneUntil } from '../../src/clients/registry/retry-after'
import { answerWith, startServer, type TestServer } from './registry-server'

let server: TestServer
let other: TestServer
beforeAll(async () => {
  server = await startServer()
  other = await startServer()
  other.answer(answerWith(200, '{"tags":["v1.0.0"]}'))
})
afterAll(() => Promise.all([server.close(), other.close()]))

const registry = (limits: HostLimits = hostLimits()) => createRegistry({ registries: [], limits })
const failure = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  )

describe('a registry that asks to be left alone', () => {
  test.each<[string, number, Record<string, string>]>([
    ['429 with Retry-After in seconds', 429, { 'retry-after': '3600' }],
    ['429 with a date', 429, { 'retry-after': new Date(Date.now() + 3_600_000).toUTCString() }],
    ['503 with Retry-After', 503, { 'retry-after': '3600' }],
    ['403 with Retry-After', 403, { 'retry-after': '3600' }],
  ])('%s for an hour: one request, then none, and other hosts are read', async (_name, status, headers) => {
    server.answer(answerWith(status, '', headers))
    const client = registry()
    const first = await failure(client.listTags(`${server.host}/hub/ledger`))
    expect(first).toMatchObject({
      code: 'REGISTRY_BUSY',
      retryable: true,
      message: expect.stringContaining(server.host),
    })
    expect((first as { retryAfterMs: number }).retryAfterMs).toBeGreaterThan(3_500_000)
    expect((first as { message: string }).message).toMatch(/before \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/)

    for (const name of ['ledger', 'quoting', 'settlement'])
      expect(await failure(client.listTags(`${server.host}/hub/${name}`))).toMatchObject({ code: 'REGISTRY_BUSY' })
    expect(await failure(client.digestOf(`${server.host}/hub/ledger`, 'v1'))).toMatchObject({ code: 'REGISTRY_BUSY' })
    expect(server.requests).toHaveLength(1)
    expect((await allTags(client, `${other.host}/hub/ledger`)).tags).toEqual(['v1.0.0'])
    expect(client.requests()).toEqual({ [server.host]: 1, [other.host]: 1 })
    await client.close()
  })

  test('a hundred reads at the same time end after the requests that were already out', async () => {
    server.answer(answerWith(429, '', { 'retry-after': '3600' }))
    const client = registry()
    const results = await Promise.all(
      Array.from({ length: 100 }, (_, index) => failure(client.listTags(`${server.host}/hub/s${index}`))),
    )
    expect(new Set(results.map((error) => (error as { code: string }).code))).toEqual(new Set(['REGISTRY_BUSY']))
    expect(server.requests.length).toBeLessThanOrEqual(100)
    const before = server.requests.length
    await failure(client.listTags(`${server.host}/hub/one-more`))
    expect(server.requests).toHaveLength(before)
    await client.close()
  })

  test('for a second: the read waits and goes on', async () => {
    let asked = 0
    server.answer((_request, response) => {
      asked += 1
      if (asked === 1) response.writeHead(429, { 'retry-after': '1' }).end()
      else response.end('{"tags":["v1.0.0"]}')
    })
    const client = registry()
    expect((await allTags(client, `${server.host}/hub/ledger`)).tags).toEqual(['v1.0.0'])
    expect(asked).toBe(2)
    await client.close()
  })

  test('again and again for a second: two requests, then an error', async () => {
    server.answer(answerWith(429, '', { 'retry-after': '1' }))
    const client = registry()
    expect(await failure(client.listTags(`${server.host}/hub/ledger`))).toMatchObject({ code: 'REGISTRY_BUSY' })
    expect(server.requests).toHaveLength(2)
    await client.close()
  })

  test('an answer that used up the allowance counts, and the next request waits for the next window', async () => {
    server.answer(answerWith(200, '{"tags":["v1.0.0"]}', { 'ratelimit-remaining': '0;w=21600' }))
    const client = registry()
    expect((await allTags(client, `${server.host}/hub/ledger`)).tags).toEqual(['v1.0.0'])
    expect(await failure(client.listTags(`${server.host}/hub/ledger`))).toMatchObject({ code: 'REGISTRY_BUSY' })
    expect(server.requests).toHaveLength(1)
    await client.close()
  })
})

describe('until when an answer wants to be left alone', () => {
  const now = Date.UTC(2026, 0, 1)
  test.each<[number, Record<string, string>, number | undefined]>([
    [200, {}, undefined],
    [200, { 'ratelimit-remaining': '76;w=21600' }, undefined],
    [200, { 'ratelimit-remaining': '0;w=60' }, 60],
    [200, { 'ratelimit-remaining': '0;w=21600' }, 300],
    [200, { 'ratelimit-remaining': '0', 'ratelimit-reset': '30' }, 30],
    [200, { 'ratelimit-remaining': '0' }, 60],
    [200, { 'retry-after': '100' }, undefined],
    [404, { 'ratelimit-remaining': 'none' }, undefined],
    [429, {}, 60],
    [429, { 'retry-after': '30' }, 30],
    [429, { 'retry-after': '0' }, 1],
    [429, { 'retry-after': 'Thu, 01 Jan 2026 00:02:00 GMT' }, 120],
    [429, { 'retry-after': 'Wed, 31 Dec 2025 00:00:00 GMT' }, 1],
    [429, { 'retry-after': 'soon' }, 60],
    [429, { 'retry-after': '99999999999' }, 21_600],
    [429, { 'retry-after': '30', 'ratelimit-remaining': '0;w=21600' }, 30],
    [503, {}, undefined],
    [503, { 'retry-after': '5' }, 5],
    [403, {}, undefined],
    [403, { 'retry-after': '5' }, 5],
  ])('%i %j: %p s', (status, headers, seconds) => {
    const until = leaveAloneUntil('GET', { status, headers }, now)
    expect(until === undefined ? undefined : (until - now) / 1_000).toBe(seconds)
  })

  test('a HEAD is no pull, so a used-up allowance stops only pulls', () => {
    const headers = { 'ratelimit-remaining': '0;w=21600' }
    expect(leaveAloneUntil('HEAD', { status: 200, headers }, now)).toBeUndefined()
    expect(leaveAloneUntil('HEAD', { status: 429, headers }, now)).toBe(now + 300_000)
  })
})

describe('a registry that fails', () => {
  test.each([500, 502, 503, 504])('%i once is asked again; twice is an error', async (status) => {
    let asked = 0
    server.answer((_request, response) => {
      asked += 1
      if (asked === 1) response.writeHead(status).end()
      else response.end('{"tags":["v1.0.0"]}')
    })
    const client = registry()
    expect((await allTags(client, `${server.host}/hub/ledger`)).tags).toEqual(['v1.0.0'])

    server.answer(answerWith(status, 'oops'))
    expect(await failure(client.listTags(`${server.host}/hub/ledger`))).toMatchObject({
      code: 'REGISTRY_UNAVAILABLE',
      retryable: true,
      message: `${server.host} answered ${status} for ${server.host}/hub/ledger.`,
    })
    expect(server.requests).toHaveLength(2)
    await client.close()
  })

  test('a connection that breaks is tried twice', async () => {
    server.answer((_request, response) => void response.destroy())
    const client = registry()
    expect(await failure(client.listTags(`${server.host}/hub/ledger`))).toMatchObject({ code: 'REGISTRY_UNAVAILABLE' })
    expect(server.requests).toHaveLength(2)
    await client.close()
  })
})

describe('requests per second', () => {
  const host = 'registry.example.org'

  test('in this process: 20 requests at 10 per second need a second window', async () => {
    const limits = hostLimits()
    const begun = Date.now()
    await Promise.all(Array.from({ length: 20 }, () => limits.take(host, 10, 1)))
    expect(Date.now() - begun).toBeGreaterThanOrEqual(900)
  })

  test('unlimited is never held up', async () => {
    const limits = hostLimits()
    jest.useFakeTimers()
    await Promise.all(Array.from({ length: 10_000 }, () => limits.take(host, 0, 1)))
    expect(jest.getTimerCount()).toBe(0)
    jest.useRealTimers()
  })

  test('the store is asked for points in chunks, not for each request', async () => {
    const asked: number[] = []
    const shared = fakeStore({ takePoints: (_host, _perSecond, points) => (asked.push(points), Promise.resolve(0)) })
    const limits = hostLimits(shared)
    await Promise.all(Array.from({ length: 100 }, () => limits.take(host, 100, 1)))
    expect(asked.length).toBeLessThanOrEqual(12)
    expect(asked.reduce((sum, points) => sum + points, 0)).toBeGreaterThanOrEqual(100)
    expect(Math.max(...asked)).toBeLessThanOrEqual(16)
  })

  test("another worker's block holds for this one", async () => {
    const limits = hostLimits(fakeStore({ blockedUntil: () => Promise.resolve(Date.now() + 3_600_000) }))
    await expect(limits.take(host, 10, 1)).rejects.toMatchObject({ code: 'REGISTRY_BUSY', retryable: true })
    await expect(limits.take(host, 0, 1)).rejects.toMatchObject({ code: 'REGISTRY_BUSY' })
  })

  test.each<[string, () => Promise<never>]>([
    ['away', () => Promise.reject(new Error('ECONNREFUSED'))],
    ['stuck', () => new Promise(() => undefined)],
  ])('a store that is %s does not stop reading: this process limits itself', async (_name, answer) => {
    const store = { takePoints: jest.fn(answer), blockedUntil: jest.fn(answer), block: jest.fn(answer) }
    const limits = hostLimits(store)
    const begun = Date.now()
    await Promise.all(Array.from({ length: 12 }, () => limits.take(host, 10, 1)))
    expect(Date.now() - begun).toBeGreaterThanOrEqual(900)
    // Not asked again for each request while it is away.
    expect(store.blockedUntil.mock.calls.length + store.takePoints.mock.calls.length).toBe(1)

    await limits.block(host, Date.now() + 3_600_000)
    await expect(limits.take(host, 10, 1)).rejects.toMatchObject({ code: 'REGISTRY_BUSY' })
  })

  test('whoever waits can leave', async () => {
    const limits = hostLimits(fakeStore({ takePoints: () => Promise.resolve(1_000) }))
    const controller = new AbortController()
    const reason = new Error('cancelled')
    setTimeout(() => controller.abort(reason), 20)
    await expect(limits.take(host, 10, 1, controller.signal)).rejects.toBe(reason)
  })

  const fakeStore = (methods: Partial<SharedHosts>): SharedHosts => ({
    takePoints: () => Promise.resolve(0),
    blockedUntil: () => Promise.resolve(0),
    block: () => Promise.resolve(),
    ...methods,
  })
})
