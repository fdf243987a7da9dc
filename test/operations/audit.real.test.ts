import { listActs, verifyAudit } from '../../src/operations/audit'
import { markSecurity } from '../../src/operations/security'
import { openTokenSession, endSession, endSessionsOf } from '../../src/operations/sessions'
import { createToken, revokeToken } from '../../src/operations/tokens'
import type { Store } from '../../src/store/contracts'
import { testDatabases, type TestDatabases } from '../support/database'
import { secretOf } from '../support/tokens'
import { config, plan } from './support'

let databases: TestDatabases
let store: Store
let url: string
const query = <Row = unknown>(sql: string) => databases.query<Row>(url, sql)
const actsOf = async () => (await listActs({ store }, { limit: 200 })).audit.reverse()

beforeAll(async () => {
  databases = await testDatabases()
})
afterAll(() => databases.remove())
beforeEach(async () => {
  ;({ store, url } = await databases.store())
})

/** So many tokens, each an act. */
async function makeTokens(count: number): Promise<void> {
  for (let i = 1; i <= count; i += 1) await secretOf(store, `person-${i}`, 'viewer')
}

describe('the record has a row for', () => {
  test('a token that is made and revoked, and a login with one', async () => {
    const made = await createToken(
      { store, config },
      { name: 'ana', scope: 'admin', expiresAt: null, by: 'root@host', verified: true },
    )
    const { secret } = await openTokenSession({ store, config }, made.secret)
    await endSession({ store }, secret)
    await openTokenSession({ store, config }, made.secret)
    await endSessionsOf({ store }, { name: 'ana', by: 'root@host' })
    await revokeToken({ store }, { id: made.id, by: 'root@host' })
    expect(await actsOf()).toMatchObject([
      { act: 'token create', by: 'root@host', verified: true, subject: 'ana', detail: { id: made.id, scope: 'admin' } },
      { act: 'login', by: 'ana', verified: true, via: 'token', detail: { token: made.id } },
      { act: 'logout', by: 'ana', verified: true },
      { act: 'login', by: 'ana' },
      { act: 'session end', by: 'root@host', verified: false, subject: 'ana' },
      { act: 'token revoke', by: 'root@host', verified: false, subject: 'ana', detail: { id: made.id } },
    ])
    expect(JSON.stringify(await query('select * from audit'))).not.toContain(made.secret)
  })

  test('a vote, what came of it, a resolve and the lift of a quarantine', async () => {
    const planHash = await store.plans.save(plan)
    const { id: upgradeId } = await store.upgrades.open(plan, planHash)
    const key = { namespace: 'hub', service: 'ledger' }
    const said = { reason: 'looks good', changeReference: 'CHG-7', now: false, overrideFreeze: false, until: null }
    const vote = {
      id: 'v1',
      ...key,
      upgradeId,
      planHash,
      verb: 'approve' as const,
      by: 'ana',
      groups: ['ops'],
      ...said,
    }
    await store.votes.cast({ ...vote, via: 'oidc' })
    await store.votes.cast({ ...vote, via: 'oidc' })
    const common = { upgradeId, phase: 'approval' as const, message: 'paused by bob', kind: 'paused' }
    await store.upgrades.record({ ...common, key: 'k1', by: 'bob', verified: false })
    await store.upgrades.record({ ...common, key: 'k2', kind: 'asked', message: 'asks' })
    await store.quarantine.add({ ...key, digest: 'sha256:1', tag: 'v1', reason: 'failed', upgradeId })
    await store.quarantine.lift(key, 'sha256:1', 'cy')
    await store.upgrades.record({ ...common, key: 'k3', kind: 'held', message: 'held', outcome: 'held' })
    await store.upgrades.resolve(upgradeId, 'dan', 'mended')
    expect(await actsOf()).toMatchObject([
      {
        ...{ act: 'vote approve', by: 'ana', verified: true, via: 'oidc', subject: 'hub/ledger' },
        detail: { upgradeId, planHash, groups: ['ops'], reason: 'looks good', changeReference: 'CHG-7' },
      },
      { act: 'upgrade paused', by: 'bob', verified: false, subject: upgradeId },
      { act: 'quarantine lift', by: 'cy', verified: false, subject: 'hub/ledger', detail: { digest: 'sha256:1' } },
      {
        act: 'upgrade resolved',
        by: 'dan',
        verified: null,
        subject: upgradeId,
        detail: { message: expect.stringContaining('mended') },
      },
    ])
  })

  test('a freeze and its end, a Schedule that is paused, a mark', async () => {
    await store.freezes.add({ namespace: null, reason: 'incident', by: 'ana', verified: true })
    await store.freezes.add({ namespace: null, reason: 'again', by: 'bob' })
    await store.freezes.lift({ namespace: null, by: 'bob', verified: false, reason: 'over' })
    await store.schedules.note({ schedule: 'refit/scan', paused: true, note: 'moves', by: 'ana', verified: true })
    await store.schedules.note({ schedule: 'refit/scan', paused: false, note: 'seen so' })
    await markSecurity(
      { store },
      { namespace: 'hub', service: 'ledger', version: 'v1', reason: 'CVE-1', by: 'ana', verified: true },
    )
    await store.marks.lift({ namespace: 'hub', service: 'ledger' }, 'v1', 'ana')
    expect((await actsOf()).map(({ act, by, verified }) => [act, by, verified])).toEqual([
      ['freeze', 'ana', true],
      ['unfreeze', 'bob', false],
      ['schedule pause', 'ana', true],
      ['security mark', 'ana', true],
      ['security lift', 'ana', false],
    ])
  })
})

test('acts at one time make one chain', async () => {
  await Promise.all(Array.from({ length: 20 }, (_, i) => secretOf(store, `person-${i}`, 'viewer')))
  expect(await verifyAudit({ store })).toMatchObject({ rows: 20, broken: null, head: { position: 20 } })
})

test('an act that fails leaves no row, and no gap', async () => {
  await makeTokens(1)
  await expect(
    query(
      "begin; insert into token (id, name, scope, hash, created_by) values ('x', 'x', 'viewer', 'x', 'x'); select 1 / 0",
    ),
  ).rejects.toThrow('division by zero')
  await makeTokens(1)
  expect(await verifyAudit({ store })).toMatchObject({ rows: 2, broken: null })
})

test('an act without its row is none', async () => {
  await query("create function refuse_all() returns trigger language plpgsql as $$ begin raise 'full'; end $$")
  await query('create trigger full_audit before insert on audit for each row execute function refuse_all()')
  await expect(secretOf(store, 'ana', 'viewer')).rejects.toThrow('full')
  expect(await store.tokens.list()).toEqual([])
})

describe('nothing changes the record', () => {
  test.each([
    "update audit set body = '{}'",
    'delete from audit where position = 1',
    'truncate audit',
    "set session_replication_role = replica; update audit set body = '{}'",
    'set session_replication_role = replica; delete from audit',
  ])('%s', async (sql) => {
    await makeTokens(2)
    await expect(query(sql)).rejects.toThrow('audit is append-only')
    expect((await verifyAudit({ store })).rows).toBe(2)
  })

  test('a row that is put in by hand stands in its own place', async () => {
    await makeTokens(1)
    await query(
      'insert into audit (position, body, previous, hash) values (9, \'{"act": "forged", "position": 1}\', \'x\', \'x\')',
    )
    await makeTokens(1)
    expect(await verifyAudit({ store })).toMatchObject({ rows: 3, broken: null })
    expect((await actsOf()).map(({ act }) => act)).toEqual(['token create', 'forged', 'token create'])
  })
})

describe('whoever gets round that is found out', () => {
  const open = 'alter table audit disable trigger audit_append_only; alter table audit disable trigger audit_chain;'
  const rehash =
    "update audit set hash = encode(sha256(convert_to(previous || E'\\n' || body, 'UTF8')), 'hex') where position = 3"
  test.each([
    [
      'another name',
      `update audit set body = replace(body, 'person-3', 'nobody') where position = 3`,
      3,
      'not what it was',
    ],
    ['one blank', `update audit set body = body || ' ' where position = 3`, 3, 'not what it was'],
    ['another hash', `update audit set hash = repeat('0', 64) where position = 3`, 3, 'not what it was'],
    [
      'with its hash',
      `update audit set body = replace(body, 'person-3', 'nobody') where position = 3; ${rehash}`,
      4,
      'does not follow',
    ],
    ['removed', 'delete from audit where position = 3', 3, 'it is missing; the next one is 4'],
    ['the first one removed', 'delete from audit where position = 1', 1, 'it is missing; the next one is 2'],
    [
      'changed places',
      'update audit set position = case position when 3 then -4 when 4 then -3 else position end; update audit set position = abs(position)',
      3,
      'does not follow',
    ],
    ['no JSON', `update audit set body = 'x' where position = 3; ${rehash}`, 3, 'written in another place'],
  ])('%s', async (_name, sql, position, because) => {
    await makeTokens(5)
    await query(`${open} ${sql}`)
    const found = await verifyAudit({ store })
    expect(found.broken).toEqual({ position, because: expect.stringContaining(because) })
    expect(found.rows).toBe(position - 1)
    expect(found.head?.position).toBe(position > 1 ? position - 1 : undefined)
  })

  test('what is cut off at the end is missed without an anchor, and found with one', async () => {
    await makeTokens(5)
    const { head } = await verifyAudit({ store })
    await query(`${open} delete from audit where position > 3`)
    expect((await verifyAudit({ store })).broken).toBeNull()
    const anchored = await verifyAudit({ store }, [head ?? { position: 0, hash: '' }])
    expect(anchored.broken).toEqual({ position: 4, because: expect.stringContaining('rows are missing') })
  })

  test('a chain that was made anew is found by an anchor', async () => {
    await makeTokens(5)
    const { head } = await verifyAudit({ store })
    await query(`${open} delete from audit; alter table audit enable always trigger audit_chain;
      insert into audit (body) select jsonb_build_object('act', 'forged')::text from generate_series(1, 5)`)
    expect((await verifyAudit({ store })).broken).toBeNull()
    const anchored = await verifyAudit({ store }, [{ position: 5, hash: (head?.hash ?? '').slice(0, 12) }])
    expect(anchored.broken).toEqual({ position: 5, because: expect.stringContaining('its hash was') })
  })
})

test('a long record is read in pages', async () => {
  await query("insert into audit (body) select jsonb_build_object('act', 'n')::text from generate_series(1, 2500)")
  expect(await verifyAudit({ store })).toMatchObject({ rows: 2_500, broken: null })
  const first = await listActs({ store }, { limit: 2 })
  expect([first.audit.map(({ position }) => position), first.next]).toEqual([[2_500, 2_499], 2_499])
  const last = await listActs({ store }, { limit: 2, before: 3 })
  expect([last.audit.map(({ position }) => position), last.next]).toEqual([[2, 1], null])
})
