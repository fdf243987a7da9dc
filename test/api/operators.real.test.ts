/* eslint-disable @typescript-eslint/require-await -- a fake answers at once, in the shape of what waits */
import { RefitError } from '../../src/domain/errors'
import { codeOf, openRealApi, type RealApi, realServer } from './real-api'
import { planOf } from '../store/plans'

let api: RealApi
let upgradeId: string
beforeAll(async () => {
  api = await openRealApi()
  const { store, planHash } = api
  upgradeId = (await store.upgrades.listOpen())[0]?.id ?? ''
  const definition = { release: '17.1.0', services: { ledger: 'v1.0.1' }, requires: {}, order: [], source: 'a file' }
  const hash = await store.releases.define(definition)
  const release = await store.releases.open({ definition: hash, name: '17.1.0', by: 'ana', verified: true })
  const quoting = planOf({ service: 'quoting' })
  const step = { namespace: 'hub', from: 'v1.0.0', to: 'v1.0.1', digest: 'sha256:1' }
  await store.releases.plan(
    release.id,
    [
      { ...step, name: 'ledger', wave: 0, after: [], planHash },
      { ...step, name: 'quoting', wave: 1, after: ['hub/ledger'], planHash: await store.plans.save(quoting) },
    ],
    { approval: 'once', onFailure: 'rollback' },
  )
  await store.releases.opened(release.id, { namespace: 'hub', service: 'ledger' }, upgradeId)
})
afterAll(() => api.databases.remove())

const server = async (script: Parameters<typeof realServer>[1] = {}, more: Parameters<typeof realServer>[2] = {}) => {
  const { ask, ...rest } = await realServer(api, script, more)
  return {
    ...rest,
    get: (path: string, token = api.secrets.viewer) => ask('GET', `/api/v1${path}`, { token }),
    post: (path: string, body?: object, token = api.secrets.operator) =>
      ask('POST', `/api/v1${path}`, { token, ...(body ? { body } : {}) }),
  }
}
const ledger = '/services/hub/ledger'
const reason = 'because'

describe('releases', () => {
  test('a release is told as waves in order, with how far each service is', async () => {
    const { get } = await server()
    const answer = (await get('/releases/17.1.0')).json()
    expect(answer).toMatchObject({
      release: { name: '17.1.0', phase: 'plan', outcome: null, requestedBy: 'ana' },
      waves: [
        [{ service: 'ledger', wave: 0, upgradeId, phase: 'plan' }],
        [{ service: 'quoting', wave: 1, after: ['hub/ledger'], upgradeId: null, phase: null }],
      ],
      temporal: { workflowId: 'refit/release/17.1.0' },
    })
    expect((await get('/releases?limit=1')).json()).toMatchObject({ releases: [{ name: '17.1.0' }], next: null })
    expect((await get(`/upgrades/${upgradeId}`)).json()).toMatchObject({ release: '17.1.0' })
  })

  test('who may, approves and aborts it', async () => {
    const { get, post, sent } = await server()
    const { release } = (await get('/releases/17.1.0')).json<{ release: { hash: string } }>()
    const approved = await post('/releases/17.1.0/approve', { planHash: release.hash }, api.secrets.approver)
    expect([approved.statusCode, approved.json()]).toMatchObject([200, { by: 'ana', verified: true }])
    expect((await post('/releases/17.1.0/abort', { reason }, api.secrets.approver)).statusCode).toBe(403)
    expect((await post('/releases/17.1.0/abort', { reason })).statusCode).toBe(200)
    expect(sent.map(({ verb }) => verb)).toEqual(['approve', 'abort'])
    const other = await post('/releases/17.1.0/approve', { planHash: 'f'.repeat(12) }, api.secrets.approver)
    expect([other.statusCode, codeOf(other)]).toEqual([409, 'PLAN_CHANGED'])
  })

  test('without a worker it is left as a signal', async () => {
    const { post } = await server({ workers: 0 })
    expect((await post('/releases/17.1.0/abort', { reason })).statusCode).toBe(202)
  })

  test('one that nobody knows is 404', async () => {
    const { get, post } = await server()
    expect(codeOf(await get('/releases/1.0.0'))).toBe('RELEASE_UNKNOWN')
    expect((await post('/releases/1.0.0/abort', { reason })).statusCode).toBe(404)
  })
})

describe('Schedules and scans', () => {
  test('they are shown, paused and resumed with who and why, and triggered', async () => {
    const said: string[] = []
    const { get, post } = await server({
      pauseSchedule: async (id, note) => void said.push(`${id} ${note}`),
      resumeSchedule: async (id, note) => void said.push(`${id} ${note}`),
    })
    expect((await get('/schedules')).json()).toMatchObject({ schedules: [{ id: 'refit/scan' }] })
    expect((await post('/schedules/scan/pause', { reason })).json()).toMatchObject({ state: 'paused' })
    expect((await post('/schedules/scan/resume', { reason })).json()).toMatchObject({ state: 'active' })
    expect(said[0]).toMatch(/^refit\/scan paused by ana .*: because$/)
    expect((await post('/schedules/digest/trigger')).statusCode).toBe(202)
    expect((await post('/scans')).json()).toEqual({ workflowId: 'refit/scan-2', alreadyRan: false })
    expect((await get('/scans/last')).json()).toEqual({ scan: null })
  })

  test('another name, or no reason, is 400; a trigger that starts nothing 504', async () => {
    const { post } = await server({ triggerSchedule: async () => undefined, triggerScan: async () => undefined })
    expect((await post('/schedules/lunch/pause', { reason })).statusCode).toBe(400)
    expect((await post('/schedules/scan/pause', {})).statusCode).toBe(400)
    expect((await post('/schedules/scan/trigger')).statusCode).toBe(504)
    expect((await post('/scans')).statusCode).toBe(504)
  })
})

describe('what operators do to a service', () => {
  test.each([
    ['rollback', { reason }, 409, 'APPROVAL_REFUSED'],
    ['resolve', { reason }, 404, 'UPGRADE_UNKNOWN'],
    ['resolve', { reason, force: true, as: 'succeeded' }, 400, 'USAGE'],
    ['accept', { reason }, 404, 'SERVICE_UNKNOWN'],
    ['security/lift', { version: 'v1.0.2' }, 404, 'MARK_UNKNOWN'],
    ['rollback', {}, 400, 'USAGE'],
    ['security/mark', { version: 'v 1', reason }, 400, 'USAGE'],
  ])('%s %j is refused with %i and the reason', async (verb, body, status, code) => {
    const answer = await (await server()).post(`${ledger}/${verb}`, body)
    expect([answer.statusCode, codeOf(answer)]).toEqual([status, code])
  })

  test('a version is marked once, and the mark taken back', async () => {
    const { post } = await server()
    const mark = { version: 'v1.0.1', reason: 'CVE-2026-1' }
    expect((await post(`${ledger}/security/mark`, mark)).json()).toMatchObject({ alreadyMarked: false, by: 'ana' })
    expect((await post(`${ledger}/security/mark`, mark)).json()).toMatchObject({ alreadyMarked: true })
    expect((await post(`${ledger}/security/lift`, { version: 'v1.0.1' })).json()).toMatchObject({ liftedBy: 'ana' })
  })

  test('an orphan goes on, or is put back, and who said so is told', async () => {
    const started: unknown[] = []
    const { post } = await server({ startUpgrade: async (_id, input) => started.push(input) > 0 })
    await api.store.releases.record({
      ...{ releaseId: (await api.store.releases.latest())?.id ?? '', key: 'end', phase: 'rollout', kind: 'ended' },
      ...{ message: '', outcome: 'aborted' },
    })
    expect((await post(`${ledger}/go-on`)).json()).toMatchObject({ upgradeId, from: 'approval' })
    expect((await post(`${ledger}/put-back`, { reason })).json()).toMatchObject({ upgradeId, from: 'rollback' })
    expect(started).toMatchObject([{ resume: { by: 'ana', verified: true } }, { resume: { reason } }])
  })

  test('a server without rights in the cluster says so', async () => {
    const { post } = await server(
      {},
      { cluster: () => Promise.reject(new RefitError('KUBERNETES_FORBIDDEN', 'no rights', 'ask')) },
    )
    const answer = await post(`${ledger}/rollback`, { reason })
    expect([answer.statusCode, codeOf(answer)]).toEqual([502, 'KUBERNETES_FORBIDDEN'])
  })

  test('a service that nobody knows is 404 with the nearest names', async () => {
    const answer = await (await server()).post('/services/hub/legder/rollback', { reason })
    expect([answer.statusCode, answer.json()]).toMatchObject([404, { next: 'Did you mean hub/ledger?' }])
  })
})

describe('data', () => {
  test('a service without a data workflow is 404, and starting one without data, too', async () => {
    const { get, post } = await server()
    expect((await get('/data')).json()).toEqual({ runs: [] })
    expect((await get('/data/hub/ledger')).statusCode).toBe(404)
    for (const [verb, body] of Object.entries({ start: undefined, abort: { reason }, resume: undefined }))
      expect([verb, (await post(`/data/hub/ledger/${verb}`, body)).statusCode]).toEqual([verb, 404])
    expect((await post('/data/hub/ledger/approve', {}, api.secrets.approver)).statusCode).toBe(400)
  })

  test('one that runs is shown and aborted', async () => {
    const { get, post, sent } = await server()
    const plan = await api.store.plans.read(api.planHash)
    await api.store.data.open(plan, { upgradeId, planHash: api.planHash })
    expect((await get('/data/hub/ledger')).json()).toMatchObject({ run: { upgradeId, outcome: null }, progress: [] })
    expect((await post('/data/hub/ledger/abort', { reason })).json()).toMatchObject({ vote: 'abort', verified: true })
    expect(sent).toMatchObject([{ workflowId: 'refit/data/hub/ledger', verb: 'abort' }])
  })
})

describe('tokens', () => {
  test('an admin sees all without their secrets, and ends one', async () => {
    const { get, post } = await server()
    expect((await get('/tokens', api.secrets.operator)).statusCode).toBe(403)
    const answer = await get('/tokens', api.secrets.admin)
    const { tokens } = answer.json<{ tokens: { id: string; scope: string; state: string }[] }>()
    expect(tokens.map(({ scope, state }) => `${scope} ${state}`)).toContain('viewer live')
    for (const secret of Object.values(api.secrets)) expect(answer.body).not.toContain(secret)
    const viewer = tokens.find(({ scope }) => scope === 'viewer')?.id ?? ''
    expect((await post(`/tokens/${viewer}/revoke`, undefined, api.secrets.admin)).json()).toMatchObject({ id: viewer })
    expect((await post(`/tokens/${viewer}/revoke`, undefined, api.secrets.admin)).statusCode).toBe(404)
    expect((await get('/tokens')).statusCode).toBe(401)
  })
})

test('registries and alerts are there for everybody who may look, the settings for operators', async () => {
  const { get } = await server({}, { settings: { hub: { name: 'green-hub', environment: 'test' }, policies: [] } })
  const { approver, operator } = api.secrets
  expect((await get('/registries', approver)).json()).toEqual({ registries: [] })
  expect((await get('/settings', approver)).statusCode).toBe(403)
  expect((await get('/settings', operator)).json()).toMatchObject({ hub: { name: 'green-hub' }, policies: [] })
  expect((await get('/alerts', approver)).json()).toEqual({ targets: [], alerts: [] })
})
