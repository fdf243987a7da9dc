import { secretOf } from '../support/tokens'
import { codeOf, openRealApi, type RealApi, realServer } from './real-api'
import { policy } from '../domain/fixtures'

let api: RealApi
beforeAll(async () => {
  api = await openRealApi()
})
afterAll(() => api.databases.remove())

const server = async () => {
  const { ask, ...rest } = await realServer(
    api,
    {},
    { policies: [policy({ select: { namespaces: ['hub'], images: ['*'] } })] },
  )
  const post = (path: string, body: object, headers: Record<string, string> = {}) =>
    ask('POST', `/api/v1${path}`, { token: api.secrets.operator, body, headers })
  const get = (path: string) => ask('GET', `/api/v1${path}`, { token: api.secrets.viewer })
  return { ...rest, ask, post, get }
}

test('an operator freezes a namespace, everybody sees it, and an operator lifts it', async () => {
  const { post, get } = await server()
  const frozen = await post('/freezes', { namespace: 'hub', reason: 'end of month' })
  expect([frozen.statusCode, frozen.json()]).toMatchObject([
    200,
    { freeze: { namespace: 'hub', by: 'ana', verified: true, reason: 'end of month' }, alreadyFrozen: false, holds: 1 },
  ])
  expect((await post('/freezes', { namespace: 'hub', reason: 'again' })).json()).toMatchObject({ alreadyFrozen: true })
  expect((await get('/freezes')).json()).toMatchObject({ freezes: [{ namespace: 'hub', lifted: null }] })
  const calendar = (await get('/calendar')).json()
  expect(calendar.freezes).toMatchObject([{ source: 'switch', namespace: 'hub', to: null, by: 'ana' }])
  const lifted = await post('/freezes/lift', { namespace: 'hub', reason: 'over' })
  expect(lifted.json()).toMatchObject({ liftedBy: 'ana', remaining: [] })
  const again = await post('/freezes/lift', { namespace: 'hub', reason: 'over' })
  expect([again.statusCode, codeOf(again)]).toEqual([404, 'FREEZE_UNKNOWN'])
})

test.each([
  ['/freezes', { namespace: 'nobody', reason: 'x' }],
  ['/freezes', { namespace: 'hub' }],
  ['/freezes', { namespace: 'hub', reason: '  ' }],
  ['/freezes', { namespace: 'hub', reason: 'x\0' }],
  ['/freezes', { namespace: 7, reason: 'x' }],
  ['/freezes', [] as object],
  ['/quarantine/lift', { namespace: 'hub', service: 'ledger', digest: 'v1.0.0' }],
])('%s %j is refused with 400', async (path, body) => {
  const answer = await (await server()).post(path, body)
  expect([answer.statusCode, codeOf(answer)]).toEqual([400, 'USAGE'])
})

test('who may only look, freezes nothing', async () => {
  const { ask } = await server()
  for (const path of ['/freezes', '/freezes/lift', '/quarantine/lift', '/scans', '/schedules/scan/pause'])
    for (const scope of ['viewer', 'approver'] as const) {
      const answer = await ask('POST', `/api/v1${path}`, { token: api.secrets[scope], body: {} })
      expect([path, answer.statusCode]).toEqual([path, 403])
    }
})

test('a request that is repeated with its key is carried out once and answered alike', async () => {
  const { post } = await server()
  const key = { 'idempotency-key': 'freeze-1' }
  const first = await post('/freezes', { namespace: null, reason: 'all' }, key)
  const second = await post('/freezes', { namespace: null, reason: 'all' }, key)
  expect([second.statusCode, second.body]).toEqual([first.statusCode, first.body])
  expect(second.headers['content-type']).toBe(first.headers['content-type'])
  expect(first.json()).toMatchObject({ alreadyFrozen: false })
  const other = await post('/freezes', { namespace: null, reason: 'else' }, key)
  expect([other.statusCode, codeOf(other)]).toEqual([400, 'USAGE'])
  expect((await post('/freezes/lift', { namespace: null, reason: 'over' })).statusCode).toBe(200)
})

test('what failed may be tried again with the same key; keys of two people are two keys', async () => {
  const { post, ask } = await server()
  const key = { 'idempotency-key': 'lift-1' }
  expect((await post('/freezes/lift', { namespace: null, reason: 'x' }, key)).statusCode).toBe(404)
  await post('/freezes', { namespace: null, reason: 'all' })
  expect((await post('/freezes/lift', { namespace: null, reason: 'x' }, key)).statusCode).toBe(200)
  const token = await secretOf(api.store, 'mallory', 'operator')
  const theirs = await ask('POST', '/api/v1/freezes/lift', {
    token,
    headers: key,
    body: { namespace: null, reason: 'x' },
  })
  expect(theirs.statusCode).toBe(404)
})

test('the same request twice at one time is carried out once', async () => {
  const { post, get } = await server()
  const key = { 'idempotency-key': 'both' }
  const answers = await Promise.all([1, 2].map(() => post('/freezes', { namespace: 'hub', reason: 'both' }, key)))
  const statuses = answers.map(({ statusCode }) => statusCode).sort()
  expect(statuses[0]).toBe(200)
  expect([200, 409]).toContain(statuses[1])
  const live = (await get('/freezes')).json<{ freezes: { reason: string }[] }>().freezes
  expect(live.filter(({ reason }) => reason === 'both')).toHaveLength(1)
  await post('/freezes/lift', { namespace: 'hub', reason: 'over' })
})

test('a digest in quarantine is shown and lifted', async () => {
  const { post, get } = await server()
  const [upgrade] = await api.store.upgrades.listOpen()
  const digest = `sha256:${'9'.repeat(64)}`
  const service = { namespace: 'hub', service: 'ledger' }
  await api.store.quarantine.add({ ...service, digest, tag: 'v9', reason: 'crash loop', upgradeId: upgrade?.id ?? '' })
  expect((await get('/quarantine')).json()).toMatchObject({ quarantined: [{ digest, reason: 'crash loop' }] })
  expect((await post('/quarantine/lift', { ...service, digest })).json()).toMatchObject({ liftedBy: 'ana' })
  const again = await post('/quarantine/lift', { ...service, digest })
  expect([again.statusCode, codeOf(again)]).toEqual([404, 'UPGRADE_UNKNOWN'])
})
