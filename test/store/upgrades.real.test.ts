import type { Alert } from '../../src/domain/alerts'
import { createStore, hashPlan } from '../../src/store'
import type { Phase } from '../../src/domain/status'
import type { Store } from '../../src/store/contracts'
import { type TestDatabases, testDatabases } from '../support/database'
import { digest, planOf } from './plans'

let databases: TestDatabases
let store: Store
let url: string
beforeAll(async () => {
  databases = await testDatabases()
})
afterAll(() => databases.remove())
beforeEach(async () => {
  const made = await databases.store()
  store = made.store
  url = made.url
})

const ledger = { namespace: 'hub', service: 'ledger' }

async function opened(plan = planOf()) {
  const planHash = await store.plans.save(plan)
  return store.upgrades.open(plan, planHash)
}

const entry = (upgradeId: string, key: string) => ({
  upgradeId,
  key,
  phase: 'rollout' as const,
  kind: 'entered',
  message: key,
})

describe('plans', () => {
  it('are kept once under their hash, and read back as they were', async () => {
    const plan = planOf()
    const hash = await store.plans.save(plan)
    expect(hash).toBe(hashPlan(plan))
    expect(await store.plans.save(planOf())).toBe(hash)
    expect(await store.plans.read(hash)).toEqual(plan)
    expect(hashPlan({ ...plan, rollback: { initContainers: 'keep-new' } })).not.toBe(hash)
  })

  it('are not there under another hash', async () => {
    await expect(store.plans.read('0123456789ab')).rejects.toMatchObject({ code: 'PLAN_UNKNOWN', retryable: false })
    const hash = await store.plans.save(planOf())
    await expect(store.plans.read(`${hash}ffffffff`)).rejects.toMatchObject({ code: 'PLAN_UNKNOWN' })
  })

  it("can't be changed, and a change behind the database's back is seen", async () => {
    const hash = await store.plans.save(planOf())
    const change = `update plan set body = jsonb_set(body, '{to,tag}', '"v9"')`
    await expect(databases.query(url, change)).rejects.toThrow('plan is append-only')
    await databases.query(url, `alter table plan disable trigger user; ${change}`)
    await expect(store.plans.read(hash)).rejects.toMatchObject({ code: 'PLAN_CHANGED' })
  })
})

describe('opening', () => {
  it('finds the open upgrade of the same plan, however many ask at once', async () => {
    const plan = planOf()
    const hash = await store.plans.save(plan)
    const rows = await Promise.all(Array.from({ length: 8 }, () => store.upgrades.open(plan, hash)))
    expect(new Set(rows.map(({ id }) => id))).toEqual(new Set([`${hash}-1`]))
    expect(rows[0]).toMatchObject({
      ...ledger,
      planHash: hash,
      fromTag: 'v1.0.0',
      toTag: 'v1.0.1',
      phase: 'plan',
      outcome: null,
      endedAt: null,
    })
  })

  it('is refused while another plan of the service is open', async () => {
    await opened()
    await expect(opened(planOf({ to: 'v1.0.2' }))).rejects.toMatchObject({ code: 'APPROVAL_REFUSED' })
    await expect(opened(planOf({ service: 'quoting' }))).resolves.toMatchObject({ service: 'quoting' })
  })

  it('gives a new attempt after an end, and none while one is held', async () => {
    const first = await opened()
    await store.upgrades.record({ ...entry(first.id, 'ended'), outcome: 'rejected' })
    const second = await opened()
    expect(second.id).toBe(`${first.planHash}-2`)
    await store.upgrades.record({ ...entry(second.id, 'ended'), outcome: 'held', message: 'nobody can tell' })
    await expect(opened()).rejects.toThrow('hub/ledger is held')
    expect((await store.upgrades.listHeld()).map(({ id }) => id)).toEqual([second.id])
    await store.upgrades.resolve(second.id, 'ann', 'set back by hand')
    await store.upgrades.resolve(second.id, 'ann', 'set back by hand')
    expect(await store.upgrades.listHeld()).toEqual([])
    expect((await store.upgrades.events(second.id)).filter(({ kind }) => kind === 'resolved')).toHaveLength(1)
    expect((await opened()).id).toBe(`${first.planHash}-3`)
  })

  it('leaves one open upgrade per service, whatever writes', async () => {
    await opened()
    const other = await store.plans.save(planOf({ to: 'v2' }))
    const insert = `insert into upgrade (id, plan_hash, namespace, service, from_tag, to_tag, to_digest, phase) values ('x', $1, 'hub', 'ledger', '', '', '', 'plan')`
    await expect(databases.query(url, insert, [other])).rejects.toThrow('upgrade_one_open_per_service')
  })
})

describe('recording', () => {
  it('sets where the upgrade stands, once per key', async () => {
    const { id } = await opened()
    const asked = {
      upgradeId: id,
      key: 'approval',
      phase: 'approval' as const,
      kind: 'entered',
      waitingFor: 'a person',
      message: 'asks',
    }
    await store.upgrades.record(asked)
    expect(await store.upgrades.read(id)).toMatchObject({ phase: 'approval', waitingFor: 'a person', message: 'asks' })
    await store.upgrades.record({ ...entry(id, 'rollout'), by: 'ann', verified: true })
    await store.upgrades.record({ ...asked, message: 'asks again after a reset' })
    expect(await store.upgrades.read(id)).toMatchObject({ phase: 'rollout', waitingFor: '', message: 'rollout' })
    expect(
      (await store.upgrades.events(id)).map(({ phase, by, verified, message }) => [phase, by, verified, message]),
    ).toEqual([
      ['approval', null, false, 'asks'],
      ['rollout', 'ann', true, 'rollout'],
    ])
    expect(await store.upgrades.recorded(id, 'approval')).toMatchObject({ message: 'asks' })
    expect(await store.upgrades.recorded(id, 'bake')).toBeUndefined()
  })

  it('and its alert are there together or not at all, each once', async () => {
    const { id } = await opened()
    const alert: Alert = { key: `upgrade/${id}/k`, level: 'page', hub: 'h', title: 't', text: 'first', facts: {} }
    const tell = { targets: ['slack#1', 'email#1'], alert }
    const broken = { targets: [null as unknown as string], alert }
    await expect(store.upgrades.record({ ...entry(id, 'k'), tell: broken })).rejects.toThrow()
    expect([await store.upgrades.events(id), await store.outbox.list({ limit: 9 })]).toEqual([[], []])
    await Promise.all(
      ['first', 'second', 'third'].map((text) =>
        store.upgrades.record({ ...entry(id, 'k'), tell: { ...tell, alert: { ...alert, text } } }),
      ),
    )
    expect(await store.upgrades.events(id)).toHaveLength(1)
    const rows = await store.outbox.list({ limit: 9 })
    expect(rows.map(({ target }) => target).sort()).toEqual(['email#1', 'slack#1'])
    expect(new Set(rows.map(({ alert: { text } }) => text)).size).toBe(1)
  })

  it('keeps an end as it was, whatever is recorded late', async () => {
    const { id } = await opened()
    await store.upgrades.record({ ...entry(id, 'ended'), outcome: 'held' })
    await store.upgrades.record({ ...entry(id, 'late'), phase: 'bake', outcome: 'succeeded' })
    expect(await store.upgrades.read(id)).toMatchObject({ phase: 'rollout', outcome: 'held', message: 'ended' })
    expect(await store.upgrades.events(id)).toHaveLength(2)
    expect((await store.upgrades.read(id))?.endedAt).toBeInstanceOf(Date)
  })

  it('takes what other systems say: NUL, lone surrogates, quotes, and twenty writers of one key', async () => {
    const { id } = await opened()
    await Promise.all(
      Array.from({ length: 20 }, () => store.upgrades.record({ ...entry(id, 'k'), message: `a\0b\ud800'"; drop` })),
    )
    expect(await store.upgrades.events(id)).toMatchObject([{ message: `a\ufffdb\ufffd'"; drop` }])
  })

  it('refuses an upgrade that is not there, and resolving one that is not held', async () => {
    await expect(store.upgrades.record(entry('nobody-1', 'k'))).rejects.toMatchObject({ code: 'UPGRADE_UNKNOWN' })
    const { id } = await opened()
    await expect(store.upgrades.resolve(id, 'ann', '')).rejects.toThrow('is not held')
  })

  it.each(['update upgrade_event set message = null', 'delete from upgrade_event', 'truncate upgrade_event'])(
    'is append-only: %s',
    async (sql) => {
      const { id } = await opened()
      await store.upgrades.record(entry(id, 'k'))
      await expect(databases.query(url, sql)).rejects.toThrow('upgrade_event is append-only')
      expect(await store.upgrades.events(id)).toHaveLength(1)
    },
  )
})

describe('looking', () => {
  it('finds the open one of a service before the newest', async () => {
    const first = await opened()
    await store.upgrades.record({ ...entry(first.id, 'ended'), outcome: 'expired' })
    expect((await store.upgrades.latest(ledger))?.id).toBe(first.id)
    const second = await opened(planOf({ to: 'v1.0.2' }))
    await opened(planOf({ service: 'quoting' }))
    expect((await store.upgrades.latest(ledger))?.id).toBe(second.id)
    expect((await store.upgrades.list({ ...ledger, limit: 10 })).map(({ id }) => id)).toEqual([second.id, first.id])
    expect(await store.upgrades.list({ limit: 1 })).toHaveLength(1)
    expect((await store.upgrades.listOpen()).map(({ service }) => service)).toEqual(['ledger', 'quoting'])
    expect(await store.upgrades.latest({ namespace: 'hub', service: 'none' })).toBeUndefined()
    expect(await store.upgrades.read('none')).toBeUndefined()
  })

  it('remembers a rejection by digest', async () => {
    const { id } = await opened()
    await store.upgrades.record({ ...entry(id, 'ended'), outcome: 'rejected', message: 'rejected by ann' })
    expect(await store.upgrades.rejectedDigest(ledger, digest('b'))).toMatchObject({ id, message: 'rejected by ann' })
    expect(await store.upgrades.rejectedDigest(ledger, digest('c'))).toBeUndefined()
  })

  it('remembers an abort as a rejection, the newest first, and no other end', async () => {
    const ends = [
      { outcome: 'aborted', message: 'aborted by ann', remembered: 'aborted by ann' },
      { outcome: 'rejected', message: 'rejected by bob', remembered: 'rejected by bob' },
      { outcome: 'rolled-back', message: 'crash loop', remembered: 'rejected by bob' },
    ] as const
    for (const { outcome, message, remembered } of ends) {
      const { id } = await opened()
      await store.upgrades.record({ ...entry(id, 'ended'), outcome, message })
      expect(await store.upgrades.rejectedDigest(ledger, digest('b'))).toMatchObject({ message: remembered })
    }
  })
})

describe('snapshots', () => {
  const snapshot = (image: string) => [
    { workload: { kind: 'Deployment', name: 'ledger', uid: 'u' }, containers: [{ name: 'app', init: false, image }] },
  ]

  it('keep the first one for ever, also of two at once', async () => {
    const { id } = await opened()
    expect(await store.snapshots.read(id)).toEqual([])
    const kept = await Promise.all([
      store.snapshots.saveOnce(id, snapshot('a')),
      store.snapshots.saveOnce(id, snapshot('b')),
    ])
    expect(kept[0]).toEqual(kept[1])
    expect(await store.snapshots.saveOnce(id, snapshot('c'))).toEqual(kept[0])
    expect(await store.snapshots.read(id)).toEqual(kept[0])
  })
})

describe('quarantine', () => {
  it('is lifted by a person once, and a retried step does not bring it back', async () => {
    const { id } = await opened()
    const row = { ...ledger, digest: digest('b'), tag: 'v1.0.1', reason: 'crash loop', upgradeId: id }
    await store.quarantine.add(row)
    await store.quarantine.add(row)
    expect(await store.quarantine.list()).toMatchObject([{ ...row, liftedAt: null, liftedBy: null }])
    expect(await store.quarantine.lift(ledger, digest('b'), 'ann')).toBe(true)
    expect(await store.quarantine.lift(ledger, digest('b'), 'ann')).toBe(false)
    await store.quarantine.add(row)
    expect(await store.quarantine.list()).toEqual([])
  })
})

describe('turns', () => {
  const enters = (upgradeId: string, phase: Phase) =>
    store.upgrades.record({ ...entry(upgradeId, phase), phase, message: phase })
  const three = async () => {
    const ids = []
    for (const service of ['ledger', 'quoting', 'settlement']) ids.push((await opened(planOf({ service }))).id)
    return ids as [string, string, string]
  }

  it('go to as many as may be under way, also when taken twice', async () => {
    const [a, b, c] = await three()
    expect([await store.turns.take(a, 2), await store.turns.take(a, 2), await store.turns.take(b, 2)]).toEqual([
      ...[true, true, true],
    ])
    expect([await store.turns.take(c, 2), await store.turns.take(a, 2)]).toEqual([false, true])
  })

  it('come back when an upgrade bakes or ends; the longest in line is called first, and no more than there is room for', async () => {
    const [a, b, c] = await three()
    await store.turns.take(a, 1)
    for (const waits of [b, c]) {
      expect(await store.turns.take(waits, 1)).toBe(false)
      await enters(waits, 'window')
    }
    await enters(a, 'rollout')
    await databases.query(url, `update turn set taken_at = taken_at - interval '1 hour' where taken_at is not null`)
    expect(await store.turns.call(1)).toEqual([])
    await enters(a, 'bake')
    expect(await store.turns.call(1)).toEqual([{ namespace: 'hub', service: 'quoting' }])
    expect(await store.turns.call(1)).toEqual([])
    await databases.query(url, `update turn set called_at = called_at - interval '1 minute'`)
    expect(await store.turns.call(1)).toEqual([{ namespace: 'hub', service: 'settlement' }])
    expect([await store.turns.take(c, 1), await store.turns.take(b, 1)]).toEqual([true, false])
    await store.upgrades.record({ ...entry(c, 'ended'), outcome: 'aborted' })
    expect(await store.turns.call(1)).toEqual([{ namespace: 'hub', service: 'quoting' }])
  })

  it('are taken at the same moment by no more than may be under way', async () => {
    const ids = await three()
    const got = await Promise.all(ids.map((id) => store.turns.take(id, 1)))
    expect(got.filter(Boolean)).toHaveLength(1)
  })
})

describe('health over time', () => {
  it('is kept per upgrade, and what is older is forgotten', async () => {
    const { id } = await opened()
    const counts = { desired: 3, ready: 3, updated: 3, available: 3, restarts: 0, healthy: null }
    const at = (day: number) => ({ at: new Date(Date.UTC(2026, 0, day)), workload: 'Deployment/ledger', ...counts })
    await store.healthSamples.add(id, [at(1), at(2), at(3)])
    await store.healthSamples.forget(new Date(Date.UTC(2026, 0, 2)))
    expect(await store.healthSamples.list(id)).toEqual([at(2), at(3)])
  })
})

describe('job logs', () => {
  it('keep the last run of each step, bounded', async () => {
    const { id } = await opened()
    await store.jobLogs.save(id, 'expand/0', 'first')
    await store.jobLogs.save(id, 'expand/0', `${'x'.repeat(100_000)}end\0`)
    const [log] = await store.jobLogs.list(id)
    expect(log?.step).toBe('expand/0')
    expect(log?.log).toHaveLength(65_536)
    expect(log?.log.endsWith('end\ufffd')).toBe(true)
  })
})

it('another store on the same database sees the same', async () => {
  const { id } = await opened()
  const other = createStore(url)
  try {
    expect((await other.upgrades.read(id))?.id).toBe(id)
    expect(await other.check()).toEqual({ pending: 0 })
  } finally {
    await other.close()
  }
})
