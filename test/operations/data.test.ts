/* eslint-disable @typescript-eslint/require-await -- a fake answers at once, in the shape of what waits */
import type { PlannedMigration } from '../../src/domain/plan'
import { dataDetail, nextOf, startData } from '../../src/operations/data'
import { standingOf, standingWords } from '../../src/operations/data-progress'
import { type DataVerb, voteData } from '../../src/operations/data-vote'
import type { DataRow, Store, UpgradeRow } from '../../src/store/contracts'
import { planOf } from '../domain/fixtures'
import { fakeStore, fakeTemporal } from './support'

const key = { namespace: 'hub', service: 'ledger' }
const planHash = 'abcdef123456'
const run = (more: Partial<DataRow> = {}): DataRow => ({
  ...{ ...key, id: `${planHash}-1/data/1`, upgradeId: `${planHash}-1`, planHash, toTag: 'v1.0.1' },
  ...{ phase: 'approval', outcome: null, waitingFor: `an approval of plan ${planHash}`, message: '' },
  ...{ startedAt: new Date(0), endedAt: null },
  ...more,
})
const migration = (groups: string[] = []): PlannedMigration => ({
  ...{ kind: 'knex', directory: 'migrations/ledger', database: 'LEDGER_URL' },
  files: [
    { phase: 'backfill', name: '001_fill.yaml', sha256: 'a' },
    { phase: 'contract', name: '002_drop.js', sha256: 'b' },
  ],
  contract: { approval: { required: 1, groups, expiresMs: 1 }, users: [] },
})

function setUp(row: DataRow | undefined, { groups = [] as string[], upgrades = [] as Partial<UpgradeRow>[] } = {}) {
  const { store, votes } = fakeStore({ plans: { [planHash]: { ...planOf(), migrations: [migration(groups)] } } })
  const recorded: object[] = []
  const data = { latest: async () => row, lastSucceeded: async () => (row?.outcome === 'succeeded' ? row : undefined) }
  const its = {
    ...store,
    data,
    upgrades: {
      ...store.upgrades,
      list: async () => upgrades,
      record: async (entry: object) => void recorded.push(entry),
    },
  } as unknown as Store
  return { store: its, votes, recorded }
}

async function say(verb: DataVerb, row: DataRow | undefined, more: object = {}, groups: string[] = [], workers = 1) {
  const { store, votes } = setUp(row, { groups })
  const { temporal, sent } = fakeTemporal({ workers })
  const asked = voteData({ store, temporal }, verb, { key, by: 'ana', ...more })
  return { result: await asked.catch((error: unknown) => error), sent, votes }
}

const verified = { verified: { groups: ['dba'], via: 'token' as const } }

test('a verified vote is kept under the run, so that a yes to the upgrade is none to its contract', async () => {
  const { result, sent, votes } = await say('approve', run(), { ...verified, planHash })
  expect(votes).toMatchObject([{ upgradeId: `${planHash}-1/data/1`, verb: 'approve', by: 'ana', groups: ['dba'] }])
  expect(sent).toMatchObject([{ as: 'update', workflowId: 'refit/data/hub/ledger', input: { vote: votes[0]?.id } }])
  expect(result).toMatchObject({ verified: true, equivalent: null, delivered: 'update' })
})

test('a claimed name is sent as it is, with the command of Temporal that says the same', async () => {
  const { result } = await say('pause', run(), { reason: 'incident 42' })
  expect(result).toMatchObject({
    verified: false,
    equivalent: expect.stringContaining('-w refit/data/hub/ledger') as string,
  })
})

test('without a worker it is left as a signal', async () => {
  expect((await say('abort', run(), { reason: 'x' }, [], 0)).result).toMatchObject({ delivered: 'signal' })
})

test.each<[string, DataVerb, DataRow | undefined, object, string[], string]>([
  ['where none has run', 'pause', undefined, {}, [], 'UPGRADE_UNKNOWN'],
  ['where it has ended', 'pause', run({ outcome: 'held' }), {}, [], 'UPGRADE_UNKNOWN'],
  ['of another plan', 'approve', run(), { planHash: 'ffffffffffff' }, [], 'PLAN_CHANGED'],
  ['of a claimed name where a group is asked', 'approve', run(), { planHash }, ['dba'], 'UNAUTHENTICATED'],
])('a vote %s is refused, and nothing is sent', async (_name, verb, row, more, groups, code) => {
  const { result, sent } = await say(verb, row, more, groups)
  expect(result).toMatchObject({ code })
  expect(sent).toEqual([])
})

test('the start of a data workflow is on record with who wanted it', async () => {
  const upgrade = {
    id: `${planHash}-1`,
    planHash,
    outcome: 'succeeded' as const,
    toTag: 'v1.0.1',
    phase: 'bake' as const,
  }
  const { store, recorded } = setUp(run({ outcome: 'held' }), { upgrades: [{ outcome: 'rejected' }, upgrade] })
  const started: unknown[] = []
  const { temporal } = fakeTemporal({ startData: async (id, input) => (started.push([id, input]), true) })
  expect(await startData({ store, temporal }, key, { by: 'ana', verified: true })).toMatchObject({
    upgradeId: upgrade.id,
  })
  expect(started).toEqual([['refit/data/hub/ledger', { upgradeId: upgrade.id, planHash }]])
  expect(recorded).toMatchObject([{ kind: 'data-started', by: 'ana', verified: true }])
  const running = fakeTemporal({ startData: async () => false })
  await expect(
    startData({ store, temporal: running.temporal }, key, { by: 'ana', verified: true }),
  ).rejects.toMatchObject({ code: 'APPROVAL_REFUSED' })
})

test('nothing is started where nothing is left or was ever to be done', async () => {
  const { temporal } = fakeTemporal()
  const who = { by: 'ana', verified: false }
  const upgrades = [{ id: 'x', planHash, outcome: 'succeeded' as const, toTag: 'v1.0.1' }]
  const done = setUp(run({ outcome: 'succeeded' }), { upgrades })
  await expect(startData({ store: done.store, temporal }, key, who)).rejects.toMatchObject({ code: 'APPROVAL_REFUSED' })
  const none = setUp(undefined)
  await expect(startData({ store: none.store, temporal }, key, who)).rejects.toMatchObject({ code: 'UPGRADE_UNKNOWN' })
})

test('the next command', () => {
  expect(nextOf(run())).toBe(`refit data approve hub/ledger --plan ${planHash}`)
  expect(nextOf(run({ waitingFor: 'a resume, paused by eve' }))).toBe('refit data resume hub/ledger')
  expect(nextOf(run({ outcome: 'expired' }))).toBe('refit data start hub/ledger')
  expect(nextOf(run({ outcome: 'succeeded' }))).toBe('nothing')
})

test('a detail without the database says so, and no error', async () => {
  const { store } = setUp(run())
  const detail = await dataDetail({ store, environment: {} }, key)
  expect(detail).toMatchObject({
    backfill: ['migrations/ledger/backfill/001_fill.yaml'],
    contract: ['migrations/ledger/contract/002_drop.js'],
    progress: [{ state: 'unknown', because: '$LEDGER_URL is not set here' }],
  })
  const [standing] = await standingOf({ ...planOf(), migrations: [migration()] }, { LEDGER_URL: 'postgres://x' })
  expect(standing).toMatchObject({ state: 'unknown', because: expect.stringContaining('001_fill.yaml') as string })
})

test('progress in words never says all of it', () => {
  const file = 'backfill/001.yaml'
  expect(standingWords({ file, state: 'running', pass: 1, scanned: 50, changed: 40, estimatedTotal: 100 })).toBe(
    'backfill/001.yaml: running, pass 1, 50 rows seen, 40 changed, about 50 % (estimate)',
  )
  expect(standingWords({ file, state: 'done', pass: 2, scanned: 100, changed: 90, estimatedTotal: 100 })).not.toContain(
    '%',
  )
  expect(standingWords({ file, state: 'not begun' })).toBe('backfill/001.yaml: not begun')
})
