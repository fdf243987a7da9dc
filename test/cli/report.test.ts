import { fakeStore, plan, planHash, upgradeRow, now } from '../operations/support'
import { refit } from './support'

const upgrade = upgradeRow({ outcome: 'rolled-back', phase: 'rollback', endedAt: now, message: 'a crash loop' })
const event = { upgradeId: upgrade.id, at: now, phase: 'approval' as const, by: 'ana', verified: true }
const store = fakeStore({
  plans: { [planHash]: plan },
  upgrades: [upgrade],
  events: [
    { ...event, kind: 'approved', message: 'approved by ana | **not bold** <b>' },
    { ...event, phase: 'rollout', kind: 'patched', by: null, message: 'ledger set to v1.0.1' },
  ],
  logs: [{ step: 'expand/0', log: 'one\ntwo', at: now }],
}).store

describe('refit report', () => {
  test('tells as Markdown what an auditor asks, and what people wrote stays text', async () => {
    const { code, out } = await refit(`report ${upgrade.id}`, { store })
    expect(code).toBe(0)
    for (const part of ['# hub/ledger: v1.0.0 → v1.0.1', '## Request', '## Approval', '## Evidence', '## Timeline'])
      expect(out).toContain(part)
    expect(out).toContain('rolled-back: a crash loop')
    expect(out).toContain('wrote to the hub | yes')
    expect(out).toContain('approved by ana \\| \\*\\*not bold\\*\\* \\<b\\>')
    expect(out).toContain('Kept logs: expand/0')
  })

  test('tells the same as data', async () => {
    expect((await refit(`report ${upgrade.id} -o json`, { store })).json()).toMatchObject({
      hub: { name: 'green-hub' },
      upgrade: { id: upgrade.id },
      request: { by: 'refit' },
      approval: { approvals: [{ by: 'ana', verified: true }] },
      evidence: { logs: [{ step: 'expand/0', characters: 7 }] },
      outcome: { kind: 'rolled-back', wrote: true },
    })
  })

  test('an id that nobody knows is not found', async () => {
    const { code, err } = await refit('report nope', { store })
    expect([code, err]).toEqual([5, expect.stringContaining('There is no upgrade nope.')])
  })
})

describe('refit history', () => {
  test('tells where the list goes on', async () => {
    const page = { upgradePages: { page: () => Promise.resolve({ rows: [upgrade], next: upgrade.id }) } }
    const longer = { ...store, ...page } as typeof store
    const { out } = await refit('history', { store: longer })
    const cursor = Buffer.from(upgrade.id).toString('base64url')
    expect(out).toContain(`there are more: the same with --cursor ${cursor}`)
    expect((await refit('history -o json', { store: longer })).json()).toMatchObject({ next: cursor })
  })

  test('what narrows the list is asked of the store', async () => {
    const asked: unknown[] = []
    const page = {
      upgradePages: { page: (...what: unknown[]) => (asked.push(what), Promise.resolve({ rows: [], next: null })) },
    }
    const line = 'history --state held --outcome held --person ana --search x --namespace hub --from 2026-11-01T00:00Z'
    const { code, out } = await refit(line, { store: { ...store, ...page } })
    expect([code, out]).toEqual([0, 'no upgrade is like that\n'])
    expect(asked).toEqual([
      [
        {
          ...{ state: 'held', outcome: 'held', by: 'ana', q: 'x', namespace: 'hub' },
          from: new Date('2026-11-01T00:00:00Z'),
        },
        { limit: 20, after: undefined },
      ],
    ])
  })

  test.each([
    ['history --state closed', 2],
    ['history --outcome great', 2],
    ['history --from yesterday', 2],
    ['history --cursor %00', 2],
    [`history --upgrade ${upgrade.id} --state held`, 2],
  ])('%s exits %i', async (line, code) => {
    expect((await refit(line, { store })).code).toBe(code)
  })
})
