import { listenForChanges } from '../../src/store/changes'
import { revokeToken } from '../../src/operations/tokens'
import { secretOf } from '../support/tokens'
import { openRealApi, people, type RealApi } from './real-api'
import { serve } from './support'

let api: RealApi
beforeAll(async () => {
  api = await openRealApi()
})
afterAll(() => api.databases.remove())

interface Heard {
  text: () => string
  /** resolves when the text has this */
  has(part: string): Promise<void>
  /** resolves when the server has ended it */
  ended: Promise<void>
  close(): void
}

async function listening(changesPingMs = 15_000) {
  const { app } = await serve({
    ...{ store: api.store, people, changesPingMs },
    changes: (listener) => listenForChanges(api.url, listener, { retryEveryMs: 50 }),
  })
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as { port: number }
  const open = async (token: string, headers: Record<string, string> = {}): Promise<Heard & { status: number }> => {
    const gone = new AbortController()
    const answer = await fetch(`http://127.0.0.1:${port}/api/v1/changes`, {
      headers: { authorization: `Bearer ${token}`, ...headers },
      signal: gone.signal,
    })
    let text = ''
    const waiting = new Set<() => void>()
    const ended = (async () => {
      try {
        for await (const chunk of answer.body ?? []) {
          text += Buffer.from(chunk as Uint8Array).toString()
          for (const look of waiting) look()
        }
      } catch {
        // closed by the test
      }
    })()
    const has = (part: string): Promise<void> =>
      new Promise((resolve) => {
        const look = (): void => {
          if (text.includes(part)) resolve()
        }
        waiting.add(look)
        look()
      })
    return { status: answer.status, text: () => text, has, ended, close: () => gone.abort() }
  }
  return { app, open, token: api.secrets.viewer }
}

let count = 0
/** Something happens, again and again until it is heard: the server may not listen yet. */
async function happens(until: Promise<void>): Promise<void> {
  let isHeard = false
  void until.then(() => (isHeard = true))
  while (!isHeard) {
    count += 1
    const at = new Date()
    await api.store.scans.save({ id: `s${count}`, startedAt: at, endedAt: at, complete: true, summary: '' })
    await new Promise((resolve) => setTimeout(resolve, 150))
  }
}

const lastId = (text: string): string => [...text.matchAll(/^id: (\S+)$/gm)].at(-1)?.[1] ?? ''

test('what one person does another one hears, by name and without contents', async () => {
  const { open, token } = await listening()
  const heard = await open(token)
  expect(heard.status).toBe(200)
  await happens(heard.has('event: changed'))
  const [upgrade] = await api.store.upgrades.listOpen()
  await api.store.upgrades.record({
    ...{ upgradeId: upgrade?.id ?? '', key: 'secret-key', phase: 'window', kind: 'entered', message: 'secret words' },
  })
  await heard.has('"topics":["upgrade"]')
  expect(heard.text()).toContain(`"upgradeId":"${upgrade?.id}","namespace":"hub","service":"ledger"`)
  expect(heard.text()).not.toContain('secret')
})

test('a stream that was lost goes on where it was; one that is from elsewhere is told to look anew', async () => {
  const { open, token } = await listening()
  const first = await open(token)
  await happens(first.has('event: changed'))
  const seen = lastId(first.text())
  first.close()
  const keeper = await open(token)
  await happens(keeper.has('event: changed'))
  const again = await open(token, { 'last-event-id': seen })
  await again.has('event: changed')
  expect(again.text()).not.toContain(`id: ${seen}\n`)
  const stranger = await open(token, { 'last-event-id': 'ffffffff-7' })
  await stranger.has('event: resync')
  const nonsense = await open(token, { 'last-event-id': 'x' })
  await nonsense.has('event: resync')
})

test('when the database was away everybody is told to look anew', async () => {
  const { open, token } = await listening()
  const heard = await open(token)
  await happens(heard.has('event: changed'))
  await api.databases.query(
    api.url,
    `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'refit changes'`,
  )
  await heard.has('event: resync')
})

test('a stream ends when the login does, and stays open with comments until then', async () => {
  const { open } = await listening(50)
  const secret = await secretOf(api.store, 'eve', 'viewer')
  const heard = await open(secret)
  await heard.has(': still here')
  const [token] = (await api.store.tokens.list()).filter(({ name }) => name === 'eve')
  await revokeToken({ store: api.store }, { id: token?.id ?? '', by: 'ana' })
  await heard.ended
})

test('one person has at most ten streams, and may open another when one was closed', async () => {
  const { open, token } = await listening()
  const streams = await Promise.all(Array.from({ length: 10 }, () => open(token)))
  expect(new Set(streams.map(({ status }) => status))).toEqual(new Set([200]))
  const refused = await open(token)
  await refused.ended
  expect(refused.status).toBe(429)
  expect(refused.text()).toContain('RATE_LIMITED')
  expect((await open(await secretOf(api.store, 'bob', 'viewer'))).status).toBe(200)
  streams[0]?.close()
  await streams[0]?.ended
  let status = 429
  while (status === 429) status = (await open(token)).status
  expect(status).toBe(200)
})

test('closing the server ends the streams', async () => {
  const { app, open, token } = await listening()
  const heard = await open(token)
  await app.close()
  await heard.ended
})

test('without a token there is no stream', async () => {
  const { app } = await serve({ store: api.store })
  const answer = await app.inject('/api/v1/changes')
  expect(answer.statusCode).toBe(401)
  expect((await app.inject({ method: 'HEAD', url: '/api/v1/changes' })).statusCode).toBe(404)
})
