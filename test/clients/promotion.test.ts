import { createPromotions, type Promotions } from '../../src/clients/promotion'
import { answer, startHttpServer, type TestServer } from '../support/http-server'
import { digest } from '../domain/fixtures'

let server: TestServer
let promotions: Promotions
const upgrade = {
  ...{ namespace: 'hub', service: 'ledger', planHash: 'abcdef123456', from: 'v1.0.0', to: 'v1.0.1' },
  ...{ migrations: 'a'.repeat(64), succeededAt: '2026-11-20T00:00:00.000Z', replacedAt: null, runs: true },
}
const good = {
  hub: { name: 'staging-hub', environment: 'staging' },
  at: '2026-11-24T00:00:00.000Z',
  upgrades: [upgrade],
}

beforeEach(async () => {
  server = await startHttpServer()
  promotions = createPromotions([{ name: 'staging', url: `${server.url}/refit/`, token: 'rft_secret' }])
})
afterEach(() => Promise.all([promotions.close(), server.close()]))

const ask = (hub = 'staging') =>
  promotions.ask({ hub, repository: 'registry.example.org:5000/hub/ledger', digest: digest('b') })
const json = (body: unknown) => answer(200, JSON.stringify(body), { 'content-type': 'application/json' })

test('it asks for the repository without its registry, and shows its token', async () => {
  server.answerWith(json(good))
  expect(await ask()).toEqual({ kind: 'answer', answer: good })
  const [{ method, path, headers } = { method: '', path: '', headers: {} }] = server.received
  expect(method).toBe('GET')
  expect(path).toBe(`/refit/api/v1/promotions?repository=hub%2Fledger&digest=${encodeURIComponent(digest('b'))}`)
  expect(headers.authorization).toBe('Bearer rft_secret')
})

test.each([
  ['a wrong token', answer(401), 'it refuses the token of hubs in refit.yaml (401)'],
  ['a token with another scope', answer(403), 'it refuses the token of hubs in refit.yaml (403)'],
  ['an older Refit', answer(404), 'its Refit is too old to be asked (404)'],
  [
    'a redirect, which could carry the token away',
    answer(302, '', { location: 'http://127.0.0.1:1/' }),
    'it answered with a redirect (302), which is not followed',
  ],
  ['a failure', answer(500, 'oops'), 'it answered 500'],
  ['a web page', answer(200, '<html>'), 'it answered no JSON'],
  [
    'another shape',
    json({ ...good, upgrades: [{ ...upgrade, migrations: 'none' }] }),
    'its answer is none of a Refit of this version',
  ],
  ['an endless answer', answer(200, 'x'.repeat(300_000)), 'its answer is too long'],
])('%s is an answer, too', async (_, how, message) => {
  server.answerWith(how)
  expect(await ask()).toEqual({ kind: 'error', message })
  expect(server.received).toHaveLength(1)
})

test('a hub that is away, or that nobody knows', async () => {
  expect(await ask('unknown')).toEqual({ kind: 'error', message: 'it is none of hubs in refit.yaml' })
  await server.close()
  expect(await ask()).toEqual({ kind: 'error', message: 'ECONNREFUSED' })
})

test('it asks a few at a time', async () => {
  let [open, most] = [0, 0]
  server.answerWith(
    ...Array.from({ length: 20 }, () => (response: Parameters<ReturnType<typeof answer>>[0]) => {
      most = Math.max(most, (open += 1))
      setImmediate(() => {
        open -= 1
        response.writeHead(200).end(JSON.stringify(good))
      })
    }),
  )
  const answers = await Promise.all(Array.from({ length: 20 }, () => ask()))
  expect(answers.every(({ kind }) => kind === 'answer')).toBe(true)
  expect(most).toBeLessThanOrEqual(4)
})
