import { createHash } from 'node:crypto'
import type { AuditRow } from '../../src/store/contracts'
import { fakeStore } from '../operations/support'
import { refit } from './support'

/** A store whose record has these acts. */
function recordOf(acts: object[]) {
  const { store } = fakeStore()
  const rows: AuditRow[] = []
  for (const act of acts) {
    const [position, previous] = [rows.length + 1, rows.at(-1)?.hash ?? '']
    const body = JSON.stringify({ at: '2026-11-23T10:00:00.000Z', ...act, position })
    rows.push({ position, body, previous, hash: createHash('sha256').update(`${previous}\n${body}`).digest('hex') })
  }
  store.audit = {
    after: (position, limit) => Promise.resolve(rows.filter((row) => row.position > position).slice(0, limit)),
    before: (position = Infinity, limit) =>
      Promise.resolve(
        rows
          .filter((row) => row.position < position)
          .reverse()
          .slice(0, limit),
      ),
  }
  return { store, rows }
}

const acts = [
  { act: 'token create', by: 'root@host', verified: null, subject: 'ana', detail: { scope: 'approver' } },
  { act: 'vote approve', by: 'ana', verified: true, via: 'oidc', subject: 'hub/ledger', detail: { reason: 'good' } },
  { act: 'freeze', by: 'mallory', verified: false, subject: 'hub', detail: { reason: 'evil\u001b[31m' } },
]

test('the record is listed, newest first, and says how each name was verified', async () => {
  const { store } = recordOf(acts)
  const { code, out } = await refit('audit list', { store, width: 200 })
  expect(code).toBe(0)
  const lines = out.split('\n').filter((line) => /token create|vote approve|freeze/.test(line))
  expect(lines.map((line) => line.trim().slice(0, 1))).toEqual(['3', '2', '1'])
  expect(out).toMatch(/ana \(oidc\).*good/)
  expect(out).toContain('mallory (unverified)')
  expect(out).not.toContain('\u001b')
  expect((await refit('audit list --limit 1', { store })).out).toContain('more: refit audit list --before 3')
  expect((await refit('audit list --before 2 -o json', { store })).json()).toMatchObject({
    audit: [{ position: 1, act: 'token create', verified: null }],
    next: null,
  })
})

test('an empty record is right, and says so', async () => {
  const { store } = recordOf([])
  expect((await refit('audit list', { store })).out).toContain('nobody has done anything yet')
  expect(await refit('audit verify', { store })).toMatchObject({ code: 0, out: expect.stringContaining('all 0 rows') })
})

test('a right record says its head, to be kept elsewhere', async () => {
  const { store, rows } = recordOf(acts)
  const { code, out } = await refit('audit verify', { store })
  expect([code, out]).toEqual([0, expect.stringContaining(`head: 3:${rows[2]?.hash}`)])
  expect((await refit(`audit verify --anchor 2:${rows[1]?.hash.slice(0, 12)}`, { store })).code).toBe(0)
})

test('a broken one names its first row, and fails', async () => {
  const { store, rows } = recordOf(acts)
  const second = rows[1] as AuditRow
  second.body = second.body.replace('ana', 'eve')
  const { code, out } = await refit('audit verify', { store })
  expect([code, out]).toEqual([1, expect.stringContaining('row 2 is broken: it is not what it was')])
  expect((await refit('audit verify -o json', { store })).json()).toMatchObject({ rows: 1, broken: { position: 2 } })
  const cut = await refit(`audit verify --anchor 9:${'0'.repeat(12)}`, { store: recordOf(acts).store })
  expect([cut.code, cut.out]).toEqual([1, expect.stringContaining('row 4 is broken')])
})

test.each([
  'audit verify --anchor x',
  'audit verify --anchor 0:000000000000',
  'audit list --before 0',
  'audit list --limit x',
])('%s is wrong usage', async (line) => {
  expect((await refit(line, { store: recordOf([]).store })).code).toBe(2)
})

test('who is logged in is listed, and logged out by name', async () => {
  const { store } = fakeStore()
  expect((await refit('session list', { store })).out).toContain('nobody is logged in')
  const session = { name: 'ana', via: 'oidc' as const, tokenId: null, groups: [], lifetimeMs: 1 }
  const at = new Date('2026-11-23T10:00:00Z')
  await store.sessions.open({ ...session, hash: 'a', ...{ startedAt: at, lastUsedAt: at, expiresAt: at } })
  await store.sessions.open({ ...session, hash: 'b', ...{ startedAt: at, lastUsedAt: at, expiresAt: at } })
  expect((await refit('session list', { store })).out).toMatch(/ana.*oidc/)
  expect(await refit('session end ana', { store })).toMatchObject({
    code: 0,
    out: expect.stringContaining('2 sessions'),
  })
  expect(await refit('session end ana', { store })).toMatchObject({ code: 5 })
})
