import { codeOf, openRealApi, type RealApi, realServer } from './real-api'
import { digest, planOf } from '../store/plans'

let api: RealApi
let id: string
let heldId: string
beforeAll(async () => {
  api = await openRealApi()
  const { store } = api
  id = (await store.upgrades.listOpen())[0]?.id ?? ''
  const entry = { upgradeId: id, phase: 'approval' as const }
  await store.upgrades.record({ ...entry, key: 'plan', kind: 'entered', message: 'waits', waitingFor: 'an approval' })
  await store.votes.cast({
    ...{ id: 'v1', namespace: 'hub', service: 'ledger', upgradeId: id, planHash: api.planHash },
    ...{
      verb: 'approve',
      by: 'ana',
      groups: ['tech-ops'],
      via: 'token',
      reason: 'looks good',
      changeReference: 'CHG-7',
    },
    ...{ now: false, overrideFreeze: false, until: null },
  })
  const message = 'approved by ana: looks good (verified by token)'
  await store.upgrades.record({ ...entry, key: 'vote', kind: 'approved', by: 'ana', verified: true, message })
  await store.jobLogs.save(id, 'expand/0', 'created the index')
  const counts = { desired: 3, ready: 1, updated: 1, available: 4, restarts: 0, healthy: null }
  await store.healthSamples.add(id, [{ at: new Date(0), workload: 'Deployment/ledger', ...counts }])
  const plan = planOf({ service: '=cmd|calc', to: '+1', toDigest: digest('c') })
  heldId = (await store.upgrades.open(plan, await store.plans.save(plan))).id
  const end = { upgradeId: heldId, key: 'end', phase: 'rollout' as const, kind: 'ended', outcome: 'held' as const }
  await store.upgrades.record({ ...end, heldReason: 'vanished', message: '@it, "vanished"' })
})
afterAll(() => api.databases.remove())

const upgrades = '/api/v1/upgrades'
const asking = async (token = api.secrets.viewer) => {
  const { ask } = await realServer(api)
  return (path: string, headers?: Record<string, string>) =>
    ask('GET', path, { token, ...(headers ? { headers } : {}) })
}

test('upgrades are listed newest first, part by part', async () => {
  const get = await asking()
  const first = (await get(`${upgrades}?limit=1`)).json()
  expect(first.upgrades).toMatchObject([{ id: heldId, outcome: 'held' }])
  const second = (await get(`${upgrades}?limit=1&cursor=${first.next}`)).json()
  expect(second).toMatchObject({ upgrades: [{ id, phase: 'approval', waitingFor: '' }], next: null })
  const filtered = (await get(`${upgrades}?state=held&q=cmd&from=2020-01-01T00:00:00%2B03:00`)).json()
  expect(filtered.upgrades).toHaveLength(1)
})

test.each([
  ['limit=0'],
  ['limit=201'],
  ['limit=many'],
  ['cursor=made-up'],
  ['cursor=%00'],
  ['outcome=great'],
  ['state=closed'],
  ['from=yesterday'],
  ['namespace=%00'],
  ['q='],
])('%s is refused with 400', async (query) => {
  const answer = await (await asking())(`${upgrades}?${query}`)
  expect([answer.statusCode, codeOf(answer)]).toEqual([400, 'USAGE'])
})

test('one upgrade tells its plan, who approved and how verified, events, health and what to do', async () => {
  const get = await asking()
  const answer = await get(`${upgrades}/${id}`)
  expect(answer.statusCode).toBe(200)
  expect(answer.headers.etag).toMatch(/^"[0-9a-f]{24}"$/)
  expect(answer.json()).toMatchObject({
    upgrade: { id, planHash: api.planHash },
    plan: { hash: api.planHash, lines: expect.arrayContaining([expect.stringContaining('v1.0.0 → v1.0.1')]) },
    approval: {
      required: 1,
      approvals: [{ by: 'ana', verified: true, via: 'token', groups: ['tech-ops'], reason: 'looks good' }],
      ticket: 'CHG-7',
    },
    events: [{ kind: 'entered' }, { kind: 'approved', by: 'ana' }],
    samples: [{ workload: 'Deployment/ledger', desired: 3, ready: 1, healthy: null }],
    release: null,
    temporal: { workflowId: 'refit/upgrade/hub/ledger', url: null },
    held: null,
  })
  const held = (await get(`${upgrades}/${heldId}`)).json()
  expect(held.held).toMatchObject({ page: 'docs/runbook.md#vanished' })
})

test('an id that nobody knows is 404 on each route of an upgrade', async () => {
  const get = await asking(api.secrets.operator)
  for (const path of ['', '/logs', '/report']) {
    const answer = await get(`${upgrades}/nobody-1${path}`)
    expect([answer.statusCode, codeOf(answer)]).toEqual([404, 'UPGRADE_UNKNOWN'])
  }
})

test('the logs of its Jobs are what was kept of them, for operators', async () => {
  expect((await (await asking(api.secrets.approver))(`${upgrades}/${id}/logs`)).statusCode).toBe(403)
  const answer = await (await asking(api.secrets.operator))(`${upgrades}/${id}/logs`)
  expect(answer.json()).toMatchObject({ logs: [{ step: 'expand/0', log: 'created the index' }] })
})

test('the CSV has a line per upgrade, and nothing that a spreadsheet would run', async () => {
  const answer = await (await asking())('/api/v1/upgrades.csv')
  expect(answer.headers['content-type']).toBe('text/csv; charset=utf-8')
  const lines = answer.body.split('\r\n')
  expect(lines).toHaveLength(4)
  expect(lines[0]).toMatch(/^id,namespace,service,from,to,/)
  expect(lines[1]).toContain(`"'=cmd|calc",v1.0.0,"'+1",`)
  expect(lines[1]).toContain(`"'@it, ""vanished"""`)
  const none = await (await asking())('/api/v1/upgrades.csv?namespace=other')
  expect(none.body.split('\r\n')).toHaveLength(2)
})

test('a report is JSON, or Markdown for who asks for it', async () => {
  const get = await asking()
  expect((await get(`${upgrades}/${id}/report`)).json()).toMatchObject({
    hub: { environment: 'test' },
    request: { by: 'refit', ticket: 'CHG-7' },
    outcome: { kind: null, wrote: false },
    evidence: { samples: 1, logs: [{ step: 'expand/0' }] },
  })
  for (const answer of [
    await get(`${upgrades}/${id}/report?format=md`),
    await get(`${upgrades}/${id}/report`, { accept: 'text/markdown' }),
  ]) {
    expect(answer.headers['content-type']).toMatch(/^text\/markdown/)
    expect(answer.body).toContain('# hub/ledger: v1.0.0 → v1.0.1')
    expect(answer.body).toContain('| ana | by token | tech-ops |')
  }
})

test('a vote for what somebody saw is taken only while it stands so', async () => {
  const { ask, sent } = await realServer(api)
  const seen = await ask('GET', `${upgrades}/${id}`, { token: api.secrets.viewer })
  const service = await ask('GET', '/api/v1/services/hub/ledger', { token: api.secrets.viewer })
  expect(service.headers.etag).toBe(seen.headers.etag)
  const approve = (ifMatch: string, key?: string) =>
    ask('POST', '/api/v1/services/hub/ledger/approve', {
      ...{ token: api.secrets.approver, body: { planHash: api.planHash } },
      headers: { 'if-match': ifMatch, ...(key ? { 'idempotency-key': key } : {}) },
    })
  expect((await approve(String(seen.headers.etag), 'once')).statusCode).toBe(200)
  const entry = { upgradeId: id, key: 'window', phase: 'window' as const, kind: 'entered', message: 'moves on' }
  await api.store.upgrades.record(entry)
  const stale = await approve(String(seen.headers.etag))
  expect([stale.statusCode, codeOf(stale)]).toEqual([412, 'VIEW_STALE'])
  expect(sent).toHaveLength(1)
  // What changed it may be the vote itself, whose answer was lost on the way.
  expect((await approve(String(seen.headers.etag), 'once')).statusCode).toBe(200)
})
