/* eslint-disable @typescript-eslint/require-await -- a fake answers at once, in the shape of what waits */
import type { Dependencies } from '../../src/activities/dependencies'
import { dataConflict } from '../../src/activities/data-conflict'
import { assertDataOpen } from '../../src/activities/data-open-still'
import { dataLeft, openData } from '../../src/activities/data-open'
import { backupForContract, usersOfSchema } from '../../src/activities/data-ready'
import { window } from '../../src/activities/window'
import { RefitError } from '../../src/domain/errors'
import type { Plan, PlannedMigration } from '../../src/domain/plan'
import type { DataRow, Store, UpgradeRow } from '../../src/store/contracts'
import { observation, planOf, service } from '../domain/fixtures'
import { config } from '../operations/support'

const key = { upgradeId: 'p-1', planHash: 'p' }
type Knex = Extract<PlannedMigration, { kind: 'knex' }>
const knex = (more: Partial<Knex> = {}): Knex => ({
  ...{ kind: 'knex', directory: 'm', database: 'LEDGER_URL' },
  files: [
    { phase: 'backfill', name: '001.yaml', sha256: 'a' },
    { phase: 'contract', name: '002.js', sha256: 'b' },
  ],
  ...more,
})
const plan = (...migrations: PlannedMigration[]): Plan => ({ ...planOf(), migrations })
const row = (more: Partial<DataRow> = {}) =>
  ({ id: 'p-1/data/1', namespace: 'hub', service: 'ledger', planHash: 'p', outcome: null, ...more }) as DataRow

interface Contents {
  plans?: Record<string, Plan>
  open?: DataRow[]
  done?: DataRow
  upgrades?: Partial<UpgradeRow>[]
  events?: Record<string, string>
}
const storeOf = ({ plans = {}, open = [], done, upgrades = [], events = {} }: Contents): Store =>
  ({
    plans: { read: async (hash: string) => plans[hash] },
    freezes: { list: async () => [] },
    upgrades: {
      listOpen: async () => upgrades,
      list: async () => upgrades,
      durations: async () => [],
      recorded: async (id: string, name: string) => (events[`${id} ${name}`] ? { kind: 'contract' } : undefined),
    },
    data: {
      open: async () => row(),
      listOpen: async () => open,
      lastSucceeded: async () => done,
      read: async () => open[0],
    },
  }) as unknown as Store

describe('who still uses the old shape', () => {
  const contract = { users: [{ service: 'hub/quoting', version: '>=1.2.0' }] }
  const store = storeOf({ plans: { p: plan(knex({ contract })) } })
  const ask = (kubernetes: object, its = store) =>
    usersOfSchema({ store: its, kubernetes: kubernetes as Dependencies['kubernetes'] })(key)
  const ledger = {
    ...service(),
    workloads: service().workloads.map((each) => ({
      ...each,
      containers: each.containers.map((its) => ({ ...its, image: its.image.replace(/:[^:]+$/, ':v1.0.1') })),
    })),
  }
  const done = { ...observation(), generation: 1, observedGeneration: 1, pods: [] }

  test('nobody, where the service runs the new version and the other is not deployed', async () => {
    expect(await ask({ observeServices: async () => [ledger], observeRollout: async () => done })).toEqual([])
  })

  test('the service itself, where somebody has set it back', async () => {
    const [words] = await ask({ observeServices: async () => [service()], observeRollout: async () => done })
    expect(words).toMatch(/^hub\/ledger \(.* runs v1\.0\.0, needed is v1\.0\.1 or newer\)$/)
  })

  test('everybody, where the cluster can not be read', async () => {
    const away = new RefitError('KUBERNETES_UNAVAILABLE', 'The API server is away.', 'Wait.')
    const words = "can't be read: The API server is away"
    expect(await ask({ observeServices: () => Promise.reject(away) })).toEqual([
      `hub/ledger (${words})`,
      `hub/quoting (${words})`,
    ])
    const rollouts = await ask({ observeServices: async () => [ledger], observeRollout: () => Promise.reject(away) })
    expect(rollouts[0]).toContain("can't be read")
  })

  test('one whose upgrade may still put the old version back', async () => {
    const upgrades = [{ namespace: 'hub', service: 'ledger', phase: 'bake' as const, fromTag: 'v1.0.0' }]
    const its = storeOf({ plans: { p: plan(knex()) }, upgrades })
    const [words] = await ask({ observeServices: async () => [ledger], observeRollout: async () => done }, its)
    expect(words).toContain('may still put v1.0.0 back')
  })
})

test('no proof of a backup, no contract', async () => {
  const backup = { maxAgeMs: 1, check: { file: '/nowhere/at/all' } }
  const ask = (migration: Knex) =>
    backupForContract({ store: storeOf({ plans: { p: plan(migration) } }), environment: {} })(key)
  expect(await ask(knex())).toBeUndefined()
  expect(await ask(knex({ backup }))).toBe('the file that proves a backup is not there')
})

describe('what an upgrade leaves to do', () => {
  const plans = { p: plan(knex()), old: plan(knex()), other: plan(knex({ files: [] }), knex({ directory: 'n' })) }
  const left = (more: Contents) => dataLeft({ store: storeOf({ plans, ...more }) })(key)

  test('all of it the first time, and after data of another kind', async () => {
    expect(await left({})).toEqual({ start: true })
    expect(await left({ done: row({ planHash: 'other' }) })).toEqual({ start: true })
  })
  test('nothing, where the same files are done or being done', async () => {
    expect(await left({ done: row({ planHash: 'old' }) })).toEqual({ start: false })
    expect(await left({ open: [row({ planHash: 'old' })] })).toEqual({ start: false })
  })
  test('nothing, where a build before this one has contracted them', async () => {
    const upgrades = [{ id: 'old-1', outcome: 'succeeded' as const, planHash: 'old' }]
    expect(await left({ upgrades, events: { 'old-1 contract/0/healthy': 'contract' } })).toEqual({ start: false })
    expect(await left({ upgrades })).toEqual({ start: true })
  })
})

test('what the workflow is told: steps, and who is asked', async () => {
  const approval = { required: 2, groups: ['dba'], expiresMs: 5 }
  const asked = plan(knex({ contract: { approval, users: [] } }))
  const open = (its: Plan) => openData({ store: storeOf({ plans: { p: its } }) })(key)
  expect(await open(asked)).toMatchObject({
    dataId: 'p-1/data/1',
    backfill: [{ index: 0 }],
    contract: [{ index: 0 }],
    rules: { approval: { required: 2, groups: ['dba'] } },
  })
  expect((await open(plan(knex()))).rules.approval.required).toBe(0)
  const other = knex({ contract: { approval: { ...approval, groups: ['ops'] }, users: [] } })
  expect((await open(plan(...asked.migrations, other))).problem).toContain('different groups')
})

test('what was done since the upgrade looked is not asked for again', async () => {
  const plans = { p: plan(knex()), old: plan(knex()), other: plan(knex({ files: [] })) }
  const open = (done: DataRow) => openData({ store: storeOf({ plans, done }) })(key)
  expect(await open(row({ planHash: 'old', outcome: 'succeeded' }))).toMatchObject({ backfill: [], contract: [] })
  expect(await open(row({ planHash: 'other', outcome: 'succeeded' }))).toMatchObject({ contract: [{ index: 0 }] })
})

test('a start waits for the data workflow of another plan on its database; what is underway does not', async () => {
  const more = knex({ files: [...knex().files, { phase: 'expand', name: '003.js', sha256: 'c' }] })
  const store = storeOf({ plans: { p: plan(more), running: plan(knex()) }, open: [row({ planHash: 'running' })] })
  const because = 'data workflow of hub/ledger v1.0.1, which works on LEDGER_URL'
  const question = { ...key, now: Date.parse('2026-12-01T12:00:00Z') }
  expect(await window({ store, config })({ ...question, start: true })).toEqual({
    ...{ kind: 'closed', opensAt: null, cause: 'data', because },
  })
  expect(await window({ store, config })({ ...question, underway: true })).toMatchObject({ kind: 'open' })
  expect(await dataConflict(store, plan())).toBeUndefined()
})

test('a run that has ended writes nothing any more', async () => {
  await expect(assertDataOpen(storeOf({ open: [row()] }), 'p-1/data/1')).resolves.toBeUndefined()
  await expect(assertDataOpen(storeOf({ open: [row({ outcome: 'held' })] }), 'x')).rejects.toMatchObject({
    code: 'UPGRADE_UNKNOWN',
    retryable: false,
  })
  await expect(assertDataOpen(storeOf({}), 'x')).rejects.toMatchObject({ code: 'UPGRADE_UNKNOWN' })
})
