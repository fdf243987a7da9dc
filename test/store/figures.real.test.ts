import { approvalAges } from '../../src/metrics-figures'
import type { Store } from '../../src/store/contracts'
import { testDatabases, type TestDatabases } from '../support/database'
import { figuresOf } from '../support/figures'
import { planOf } from './plans'

let databases: TestDatabases
let store: Store
let url: string
beforeAll(async () => void (databases = await testDatabases()))
beforeEach(async () => void ({ store, url } = await databases.store()))
afterAll(() => databases.remove())

const ages = Object.values(approvalAges)
const figures = () => store.figures.read(ages)
const sql = (text: string, values: unknown[] = []) => databases.query(url, text, values)
const noApproval = Object.fromEntries(ages.map((age) => [age, 0]))

test('a hub on which nothing has happened', async () => {
  expect(await figures()).toEqual(figuresOf({ approvals: noApproval }))
})

test('upgrades by phase, outcome and how long they wait for an approval', async () => {
  const waiting = await store.upgrades.open(planOf(), await store.plans.save(planOf()))
  await sql(`update upgrade set phase = 'approval', started_at = now() - interval '9 hours' where id = $1`, [
    waiting.id,
  ])
  for (const [service, outcome] of [
    ['quoting', 'held'],
    ['settlement', 'succeeded'],
  ] as const) {
    const plan = planOf({ service })
    const { id } = await store.upgrades.open(plan, await store.plans.save(plan))
    await store.upgrades.record({
      ...{ upgradeId: id, key: 'ended', phase: 'bake', kind: 'ended', message: '', outcome },
    })
  }
  const found = await figures()
  expect(found).toMatchObject({
    ...{ open: { approval: 1 }, ended: { held: 1, succeeded: 1 }, held: 1 },
    approvals: { 0: 1, 3600: 1, 28800: 1, 86400: 0, 259200: 0 },
  })
  expect(found.oldestApproval).toBeCloseTo(9 * 3_600, -2)

  const [held] = await store.upgrades.listHeld()
  await store.upgrades.resolve(held!.id, 'ana', 'mended by hand')
  expect(await figures()).toMatchObject({ ended: { held: 1 }, held: 0 })
})

test('the last scan and the last complete one', async () => {
  const scan = (id: string, end: number, complete: boolean) =>
    store.scans.save({ id, startedAt: new Date(end - 2_000), endedAt: new Date(end), complete, summary: '' })
  await scan('a', 1_000_000, true)
  await scan('b', 2_000_000, false)
  expect((await figures()).scan).toEqual({ lastAt: 2_000, lastCompleteAt: 1_000, lastSeconds: 2 })
})

test('registries count what is watched: an error of what is gone would never end', async () => {
  await sql(`insert into repository (repository, error_code, error_message, error_at, doubted_hash) values
    ('r.example.org/hub/ledger', 'REGISTRY_BUSY', 'busy', now(), null),
    ('r.example.org/hub/quoting', null, null, null, 'h'),
    ('r.example.org/hub/gone', 'REGISTRY_BUSY', 'busy', now(), null),
    ('r.example.org/hub/unwatched', 'REGISTRY_BUSY', 'busy', now(), null)`)
  for (const [service, kind] of [
    ['ledger', 'registry-error'],
    ['quoting', 'suspicious'],
    ['unwatched', 'unwatched'],
  ])
    await sql(`insert into decision (namespace, service, scan_id, kind, body) values ('hub', $1, 's', $2, $3)`, [
      ...[service, kind, { repository: `r.example.org/hub/${service}` }],
    ])
  const { registries, decisions } = await figures()
  expect(registries).toEqual([{ host: 'r.example.org', repositories: 2, failing: 1, doubted: 1 }])
  expect(decisions).toEqual({ 'registry-error': 1, suspicious: 1, unwatched: 1 })
})

test('alerts that wait, were given up, and were sent', async () => {
  const alert = { key: 'a', level: 'info' as const, hub: 'green-hub', title: '', text: '', facts: {} }
  for (const key of ['waits', 'dead', 'sent']) await store.outbox.add(['slack#1'], { ...alert, key })
  await sql(`update outbox set created_at = now() - interval '2 minutes' where key = 'waits'`)
  await sql(`update outbox set dead_at = now() where key = 'dead'`)
  await sql(`update outbox set sent_at = now() where key = 'sent'`)
  const [target, ...others] = (await figures()).outbox
  expect([target, others]).toMatchObject([{ target: 'slack#1', waiting: 1, dead: 1 }, []])
  expect(target?.oldest).toBeCloseTo(120, -1)
})

test('freezes, Schedules, quarantine', async () => {
  const by = { reason: 'incident', by: 'ana' }
  await store.freezes.add({ ...by, namespace: null })
  await store.freezes.add({ ...by, namespace: 'hub' })
  await store.freezes.lift({ ...by, namespace: 'hub' })
  await store.schedules.note({ schedule: 'refit/scan', paused: true, note: '' })
  await store.schedules.note({ schedule: 'refit/digest', paused: true, note: '' })
  await store.schedules.note({ schedule: 'refit/digest', paused: false, note: '' })
  const { id } = await store.upgrades.open(planOf(), await store.plans.save(planOf()))
  const key = { namespace: 'hub', service: 'ledger' }
  await store.quarantine.add({ ...key, digest: 'sha256:1', tag: 'v1', reason: '', upgradeId: id })
  await store.quarantine.add({ ...key, digest: 'sha256:2', tag: 'v2', reason: '', upgradeId: id })
  await store.quarantine.lift(key, 'sha256:1', 'ana')
  expect(await figures()).toMatchObject({
    ...{ freezes: { hub: 1, namespaces: 0 }, schedulesPaused: ['refit/scan'], quarantined: 1 },
  })
})

test('data workflows by phase, and those that ended held unless a newer one runs', async () => {
  const { id } = await store.upgrades.open(planOf(), await store.plans.save(planOf()))
  const { planHash } = (await store.upgrades.read(id))!
  const add = (service: string, phase: string, waits: string, outcome: string | null) =>
    sql(
      `insert into data_run (id, upgrade_id, plan_hash, namespace, service, to_tag, phase, waiting_for, outcome, ended_at)
       values (gen_random_uuid()::text, $1, $2, 'hub', $3, 'v1', $4, $5, $6, case when $6::text is not null then now() end)`,
      [id, planHash, service, phase, waits, outcome],
    )
  await add('a', 'backfill', '', null)
  await add('b', 'backfill', 'a freeze', null)
  await add('c', 'contract', '', 'held')
  await add('d', 'contract', '', 'held')
  await add('d', 'contract', '', null)
  const { data, dataHeld } = await figures()
  expect(data).toEqual([
    { phase: 'backfill', running: 1, waiting: 1 },
    { phase: 'contract', running: 1, waiting: 0 },
  ])
  expect(dataHeld).toBe(1)
})
