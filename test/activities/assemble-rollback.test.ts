/* eslint-disable @typescript-eslint/require-await -- a fake answers at once, in the shape of what waits */
import { assembleRollback, type RollbackDeps } from '../../src/activities/assemble-rollback'
import type { Plan } from '../../src/domain/plan'
import type { DataRow, UpgradeEvent, UpgradeRow } from '../../src/store/contracts'
import { container, digest, image, newImage, planOf, policy, service, workload } from '../domain/fixtures'

const key = { namespace: 'hub', service: 'ledger' }
const row = { id: 'abcdef123456-1', planHash: 'abcdef123456', outcome: 'succeeded', ...key } as UpgradeRow
const upgraded = service({ workloads: [workload({ containers: [container('v1.0.1', { image: newImage })] })] })
const data = (more: Partial<DataRow>) => ({ upgradeId: row.id, phase: 'backfill', outcome: null, ...more }) as DataRow

interface World {
  upgrades: UpgradeRow[]
  data: DataRow
  events: Partial<UpgradeEvent>[]
  service: ReturnType<typeof service>
  digestNow: string | undefined
  isPulled: boolean
  plan: Partial<Plan>
  isGone: boolean
}

function assembled(world: Partial<World> = {}) {
  const { upgrades = [row], events = [], isPulled = true } = world
  const named = { toTag: 'v1.0.1', fromTag: 'v1.0.0' }
  const deps = {
    store: {
      upgrades: { list: async () => upgrades.map((each) => ({ ...each, ...named })), events: async () => events },
      plans: { read: async () => ({ ...planOf(), ...world.plan }) },
      snapshots: { read: async () => [] },
      data: { latest: async () => world.data },
    },
    config: { policies: [policy()] },
    environment: {},
    kubernetes: {
      observeServices: async () => (world.isGone ? [] : [world.service ?? upgraded]),
      surroundings: async () => ({ settings: [], unread: [] }),
      nodePlatforms: async () => undefined,
    },
    registry: {
      digestOf: async () => ('digestNow' in world ? world.digestNow : digest('a')),
      imageFacts: async () => (isPulled ? {} : undefined),
      imageContract: async () => undefined,
    },
  } as unknown as RollbackDeps
  return assembleRollback(deps, key)
}

test('the last succeeded upgrade is taken back', async () => {
  const failed = { ...row, id: 'later', outcome: 'rolled-back' } as UpgradeRow
  const draft = await assembled({ upgrades: [failed, row] })
  expect(draft).toMatchObject({ kind: 'plan', upgrade: { id: row.id }, plan: { rollbackOf: row.id } })
})

test.each([
  ['as it was, its tag stays as it stood', digest('a'), image('v1.0.0')],
  ['another digest, the one that ran is named', digest('c'), `${image('v1.0.0')}@${digest('a')}`],
  ['nothing, the digest is named while it can be pulled', undefined, `${image('v1.0.0')}@${digest('a')}`],
])('where the tag means %s', async (_name, digestNow, to) => {
  const draft = await assembled({ digestNow })
  expect(draft.kind === 'plan' && draft.plan.workloads[0]?.containers[0]?.to).toBe(to)
})

const unknown = { from: { tag: 'v1.0.0', digest: null } }
test('where no pod told its digest, the template is restored and must run what its tag means', async () => {
  const draft = await assembled({ plan: unknown, digestNow: digest('c') })
  expect(draft).toMatchObject({ kind: 'plan', plan: { to: { tag: 'v1.0.0', digest: digest('c') } } })
})

const set = (tag: string) => service({ workloads: [workload({ containers: [container(tag)] })] })
test.each<[string, Partial<World>, RegExp]>([
  ['it is not deployed', { isGone: true }, /is not deployed any more/],
  ['nobody knows what ran, nor does the registry', { plan: unknown, digestNow: undefined }, /no longer has v1\.0\.0/],
  ['nothing has succeeded', { upgrades: [] }, /no upgrade of hub\/ledger has succeeded/],
  ['the image before is gone', { digestNow: undefined, isPulled: false }, /no longer has v1\.0\.0 as it ran/],
  ['somebody changed it since', { service: set('v1.0.5') }, /changed by somebody/],
  ['somebody set it back already', { service: set('v1.0.0') }, /changed by somebody/],
  ['the contract runs', { data: data({ phase: 'contract' }) }, /contract of v1\.0\.1 has begun/],
  [
    'the contract is done',
    { data: data({ phase: 'contract', outcome: 'succeeded' }) },
    /contract of v1\.0\.1 has begun/,
  ],
  ['a contract failed in an earlier run', { events: [{ kind: 'contract-failed' }] }, /contract of v1\.0\.1 has begun/],
  ['the backfill before the contract runs', { data: data({}) }, /would contract what v1\.0\.0 needs/],
])('refused when %s, with the next step', async (_name, world, reason) => {
  const draft = await assembled(world)
  if (draft.kind !== 'refused') throw new Error('was not refused')
  expect(draft.problems.map((problem) => problem.reason).join('; ')).toMatch(reason)
  expect(draft.problems.every(({ next }) => next.endsWith('.') && !next.includes('refit scan'))).toBe(true)
})

test.each<[string, Partial<World>]>([
  ['a backfill that ended without a contract', { data: data({ outcome: 'aborted' }) }],
  ['the data workflow of another upgrade', { data: data({ upgradeId: 'other-1', phase: 'contract' }) }],
])('%s is no reason against it', async (_name, world) => {
  expect((await assembled(world)).kind).toBe('plan')
})
