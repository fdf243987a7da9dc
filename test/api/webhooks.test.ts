import type { Webhook } from '../../src/config'
import { RefitError } from '../../src/domain/errors'
import { webhookPath } from '../../src/operations/webhook-key'
import { hook, memoryStore, secret, send, serve, signed } from './support'
import { alsoPushed, ignored, pushed } from './webhook-events'

const repository = 'registry.example.org/hub/ledger'
const known = { [repository]: { tags: ['v1.0.0'] }, 'registry.example.org/hub/quoting': { tags: ['v1.0.0'] } }
const kinds = Object.keys(pushed) as Webhook['kind'][]
const all = kinds.map((kind) => hook(kind))

/** A server with a webhook of each kind. */
async function hub(webhooks: readonly Webhook[] = all) {
  const { store, asked } = memoryStore(known)
  return { ...(await serve({ store, webhooks })), asked }
}

describe.each(kinds)('a push told by %s', (kind) => {
  test('asks for a scan of the repository that Refit knows', async () => {
    const { app, scans } = await hub()
    const answer = await send(app, kind, pushed[kind])
    expect([answer.statusCode, answer.json()]).toEqual([202, { recognised: 1 }])
    expect(scans).toEqual([[repository]])
  })

  test.each([
    ['another secret', webhookPath({ kind, secret: 'another-secret-0123' })],
    ['the secret itself', `/webhooks/${kind}/${secret}`],
    ["another kind's key", webhookPath(hook(kind === 'quay' ? 'ghcr' : 'quay')).replace(/ghcr|quay/, kind)],
    ['no key', `/webhooks/${kind}/`],
    [
      'a key in upper case',
      webhookPath(hook(kind)).toUpperCase().replace(`/WEBHOOKS/${kind.toUpperCase()}`, `/webhooks/${kind}`),
    ],
  ])('with %s in its path is answered like an unknown route', async (_, url) => {
    const { app, asked } = await hub()
    const answer = await send(app, kind, pushed[kind], { url })
    const unknown = await app.inject({ method: 'POST', url: '/nowhere' })
    expect([answer.statusCode, answer.body]).toEqual([404, unknown.body])
    expect(Object.keys(answer.headers)).toEqual(Object.keys(unknown.headers))
    expect(asked).toEqual([])
  })

  test('leaves neither its key nor the secret in the log', async () => {
    const { app, log } = await hub()
    await send(app, kind, pushed[kind])
    await send(app, kind, pushed[kind], { body: '{' })
    await send(app, kind, pushed[kind], { headers: { authorization: 'wrong', 'x-hub-signature-256': 'sha256=00' } })
    expect(log()).toContain('"route":"/webhooks/:kind/:key"')
    for (const each of [secret, webhookPath(hook(kind)).split('/').at(-1)]) expect(log()).not.toContain(each)
  })
})

test.each(Object.entries(alsoPushed))('a push told by %s counts, too', async (_, [kind, event]) => {
  const { app } = await hub()
  expect((await send(app, kind, event)).json()).toEqual({ recognised: 1 })
})

test.each(Object.entries(ignored))('%s is taken and ignored', async (_, [kind, event]) => {
  const { app, asked, scans } = await hub()
  const answer = await send(app, kind, event)
  expect([answer.statusCode, answer.json()]).toEqual([202, { recognised: 0 }])
  expect([asked, scans]).toEqual([[], []])
})

describe('what a webhook says', () => {
  const push = (...repositories: string[]) => ({
    events: repositories.map((each) => ({ action: 'push', target: { repository: each, tag: 'v2.0.0' } })),
  })

  test('about a repository that no scan knows is nothing', async () => {
    const { app, scans } = await hub()
    const answer = await send(app, 'distribution', push('hub/nothing', 'evil.example/hub/ledger', '../x', 'a b', ''))
    expect([answer.statusCode, answer.json()]).toEqual([202, { recognised: 0 }])
    expect(scans).toEqual([])
  })

  test('about several is one hint', async () => {
    const { app, scans } = await hub()
    const event = push('hub/ledger', 'hub/quoting', 'hub/ledger', 'hub/nothing')
    expect((await send(app, 'distribution', event)).json()).toEqual({ recognised: 2 })
    expect(scans).toEqual([[repository, 'registry.example.org/hub/quoting']])
  })

  test('about very many is cut', async () => {
    const { app, asked } = await hub()
    await send(app, 'distribution', push(...Array.from({ length: 500 }, (_, i) => `hub/n${i}`)))
    expect(asked).toHaveLength(100)
  })

  test.each([
    ['registry.example.org', 1],
    ['other.example.org', 0],
  ])('counts only for the registry that it speaks for: %s', async (host, recognised) => {
    const { app } = await hub([hook('harbor', host)])
    expect((await send(app, 'harbor', pushed.harbor)).json()).toEqual({ recognised })
  })

  test('counts once in a second; what is told again meanwhile is passed on afterwards', async () => {
    const { app, scans } = await hub()
    const answers = []
    for (let i = 0; i < 5; i += 1) answers.push((await send(app, 'quay', pushed.quay)).json())
    expect(answers).toEqual(Array(5).fill({ recognised: 1 }))
    expect(scans).toEqual([[repository]])
    await app.close()
    expect(scans).toEqual([[repository], [repository]])
  })

  test('counts sixty times in a minute for each kind', async () => {
    const { app } = await hub()
    const many = async (kind: Webhook['kind']) => {
      const statuses = []
      for (let i = 0; i < 61; i += 1) statuses.push((await send(app, kind, pushed[kind])).statusCode)
      return statuses
    }
    expect(await many('quay')).toEqual([...Array<number>(60).fill(202), 429])
    const answer = await send(app, 'quay', pushed.quay)
    expect(answer.json()).toMatchObject({ code: 'RATE_LIMITED', title: 'Too Many Requests' })
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0)
    expect((await send(app, 'quay', ignored['a queued build'][1])).statusCode).toBe(202)
    expect((await send(app, 'harbor', pushed.harbor)).statusCode).toBe(202)
  })
})

describe('a webhook whose sender does not know the secret', () => {
  test.each([
    ['another key', signed(JSON.stringify(pushed.ghcr), 'another-secret-0123')],
    ['another body', signed('{}')],
    ['SHA-1', signed(JSON.stringify(pushed.ghcr)).replace('sha256', 'sha1')],
    ['no prefix', signed(JSON.stringify(pushed.ghcr)).slice(7)],
    ['nothing', ''],
  ])('is refused: signed with %s', async (_, signature) => {
    const { app, asked } = await hub()
    const answer = await send(app, 'ghcr', pushed.ghcr, { headers: { 'x-hub-signature-256': signature } })
    expect(answer.statusCode).toBe(403)
    expect(answer.json()).toMatchObject({ code: 'WEBHOOK_REFUSED', detail: expect.stringContaining('X-Hub-Signature') })
    expect([asked, answer.body.includes('S3CRET')]).toEqual([[], false])
  })

  test.each<[Webhook['kind'], string]>([
    ['harbor', ''],
    ['harbor', 'S3CRET-012345678'],
    ['distribution', 'Basic S3CRET-0123456789'],
    ['distribution', 'Bearer '],
  ])('is refused: %s with Authorization "%s"', async (kind, authorization) => {
    const { app, asked } = await hub()
    const answer = await send(app, kind, pushed[kind], { headers: { authorization } })
    expect(answer.json()).toMatchObject({ status: 403, code: 'WEBHOOK_REFUSED' })
    expect(asked).toEqual([])
  })

  test('is refused before its body is looked at', async () => {
    const { app } = await hub()
    expect((await send(app, 'harbor', {}, { body: '{', headers: { authorization: 'x' } })).statusCode).toBe(403)
  })
})

describe('a body', () => {
  test.each(['{', '', 'PUSH', '\u0000'])('that is not JSON is refused: %j', async (body) => {
    const { app } = await hub()
    const answer = await send(app, 'quay', {}, { body })
    expect(answer.json()).toMatchObject({ status: 400, code: 'USAGE' })
  })

  test.each(['text/plain', 'application/x-www-form-urlencoded', 'application/jsonx', 'multipart/form-data'])(
    'of type %s is refused',
    async (type) => {
      const { app } = await hub()
      const answer = await send(app, 'quay', pushed.quay, { headers: { 'content-type': type } })
      expect(answer.json()).toMatchObject({ status: 415, code: 'USAGE', title: 'Unsupported Media Type' })
    },
  )

  test.each([
    'application/json; charset=utf-8',
    'application/vnd.docker.distribution.events.v2+json',
    'application/cloudevents+json',
  ])('of type %s is read', async (type) => {
    const { app } = await hub()
    const answer = await send(app, 'distribution', pushed.distribution, { headers: { 'content-type': type } })
    expect(answer.statusCode).toBe(202)
  })

  test('of more than 1 MiB is refused', async () => {
    const { app, asked } = await hub()
    const body = JSON.stringify({ ...pushed.quay, padding: 'x'.repeat(1_048_576) })
    const answer = await send(app, 'quay', {}, { body })
    expect(answer.json()).toMatchObject({ status: 413, code: 'USAGE' })
    expect(asked).toEqual([])
  })

  test('with __proto__ in it changes nothing', async () => {
    const { app } = await hub()
    await send(app, 'quay', {}, { body: '{"__proto__":{"polluted":1},"updated_tags":["a"],"repository":"hub/ledger"}' })
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  })
})

describe('when something is away', () => {
  test('Temporal: the registry is told to try again, and its second try counts', async () => {
    const { store } = memoryStore(known)
    let away = true
    const scans: string[][] = []
    const scanRepositories = (repositories: string[]) => {
      if (away)
        return Promise.reject(
          new RefitError('TEMPORAL_UNAVAILABLE', "Temporal can't be reached at 10.0.0.8.", 'Try again.'),
        )
      scans.push(repositories)
      return Promise.resolve()
    }
    const { app } = await serve({ store, webhooks: all, temporal: { scanRepositories } })
    const first = await send(app, 'quay', pushed.quay)
    expect(first.json()).toMatchObject({ status: 503, code: 'TEMPORAL_UNAVAILABLE' })
    expect(first.body).not.toContain('10.0.0.8')
    away = false
    expect((await send(app, 'quay', pushed.quay)).statusCode).toBe(202)
    expect(scans).toEqual([[repository]])
  })

  test('the store: the registry is told to try again', async () => {
    const { store } = memoryStore(known)
    store.repositories.byPath = () => Promise.reject(new RefitError('DATABASE_UNAVAILABLE', 'away', 'Try again.'))
    const { app } = await serve({ store, webhooks: all })
    expect((await send(app, 'quay', pushed.quay)).statusCode).toBe(503)
  })
})

test('without webhooks in refit.yaml there are none', async () => {
  const { app } = await hub([])
  expect((await send(app, 'quay', pushed.quay)).statusCode).toBe(404)
})
