import { secretOf } from '../support/tokens'
import { codeOf, ledger, openRealApi, type RealApi, realServer } from './real-api'

let api: RealApi
let store: RealApi['store']
let secrets: RealApi['secrets']
let planHash: string
const server = (script?: Parameters<typeof realServer>[1]) => realServer(api, script)

beforeAll(async () => {
  api = await openRealApi()
  ;({ store, secrets, planHash } = api)
})
afterAll(() => api.databases.remove())

describe('a vote', () => {
  test('is of whose token it is, whatever the body claims', async () => {
    const { ask, sent } = await server()
    const forged = {
      by: 'mallory',
      name: 'mallory',
      groups: ['emergency'],
      verified: { groups: ['emergency'] },
      via: 'slack',
    }
    const answer = await ask('POST', `${ledger}/approve`, { token: secrets.approver, body: { planHash, ...forged } })
    expect(answer.json()).toMatchObject({ by: 'ana', verified: true, delivered: 'update', message: 'approved by ana' })
    const { voteId } = answer.json<{ voteId: string }>()
    expect(await store.votes.read(voteId)).toMatchObject({ by: 'ana', groups: ['tech-ops'], via: 'token' })
    expect(sent).toMatchObject([{ verb: 'approve', input: { vote: voteId, by: 'ana', planHash } }])
  })

  test('of somebody in the emergency group may start at once; of others it may not', async () => {
    const { ask, sent } = await server()
    const body = { planHash, now: true, reason: 'CVE-2026-1' }
    const mallory = await secretOf(store, 'mallory', 'approver')
    expect(codeOf(await ask('POST', `${ledger}/approve`, { token: secrets.admin, body }))).toBe('APPROVAL_REFUSED')
    expect(codeOf(await ask('POST', `${ledger}/approve`, { token: mallory, body }))).toBe('APPROVAL_REFUSED')
    expect(sent).toEqual([])
  })

  test('that is repeated with its Idempotency-Key is one', async () => {
    const { ask } = await server()
    const voteOf = async (key: string, body: unknown = { reason: 'r' }) => {
      const answer = await ask('POST', `${ledger}/reject`, {
        ...{ token: secrets.approver, body },
        headers: { 'idempotency-key': key },
      })
      return answer.statusCode === 200 ? answer.json<{ voteId: string }>().voteId : codeOf(answer)
    }
    const first = await voteOf('k1')
    await ask('POST', `${ledger}/withdraw`, { token: secrets.approver })
    expect(await voteOf('k1')).toBe(first)
    expect(await voteOf('k2')).not.toBe(first)
    expect(await voteOf('k1', { reason: 'another' })).toBe('USAGE')
    expect(await voteOf('x'.repeat(256))).toBe('USAGE')
  })

  test.each<[string, unknown]>([
    ['approve', undefined],
    ['approve', {}],
    ['approve', { planHash: 'abc' }],
    ['approve', { planHash: 'g'.repeat(12) }],
    ['approve', []],
    ['approve', 'approve'],
    ['reject', {}],
    ['reject', { reason: ' ' }],
    ['reject', { reason: 'x'.repeat(1_001) }],
    ['snooze', {}],
    ['snooze', { until: 'tomorrow' }],
    ['snooze', { until: '2030-01-01T00:00:00' }],
    ['abort', undefined],
  ])('to %s with %j is 400, and nothing is sent', async (verb, body) => {
    const { ask, sent } = await server()
    const headers = typeof body === 'string' ? { 'content-type': 'application/json' } : undefined
    const payload = typeof body === 'string' ? JSON.stringify(body) : body
    const answer = await ask('POST', `${ledger}/${verb}`, {
      token: secrets.admin,
      body: payload,
      ...(headers ? { headers } : {}),
    })
    expect([answer.statusCode, codeOf(answer), sent]).toEqual([400, 'USAGE', []])
  })

  test('of another plan is 409; where nothing is under way 404', async () => {
    const { ask } = await server()
    const token = secrets.approver
    const other = await ask('POST', `${ledger}/approve`, { token, body: { planHash: '0'.repeat(12) } })
    expect([other.statusCode, codeOf(other)]).toEqual([409, 'PLAN_CHANGED'])
    const nobody = await ask('POST', '/api/v1/services/hub/nobody/approve', { token, body: { planHash } })
    expect([nobody.statusCode, codeOf(nobody)]).toEqual([404, 'UPGRADE_UNKNOWN'])
  })

  test('that no worker answers is 202', async () => {
    const { ask } = await server({ workers: 0 })
    const answer = await ask('POST', `${ledger}/withdraw`, { token: secrets.approver })
    expect([answer.statusCode, answer.json<{ delivered: string }>().delivered]).toEqual([202, 'signal'])
  })
})
