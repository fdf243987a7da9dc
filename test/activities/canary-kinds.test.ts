import { canary } from '../../src/activities/canary'
import { observation, planOf, pod, policy } from '../domain/fixtures'
import { key, run, workload, world } from './support'

const rollsBy = { bakeMs: 0, stallMs: 5_000, deadlineMs: 20_000, maxUnavailable: 0, canary: 1, canaryBakeMs: 3_000 }
const plan = planOf({ policy: policy({ rollout: { ...rollsBy, steps: [{ percent: 60, bakeMs: 1_000 }] } }) })
const set = { ...workload, kind: 'StatefulSet' as const }
const setPlan = { ...plan, workloads: plan.workloads.map((each) => ({ ...each, kind: 'StatefulSet' as const })) }
const step = { ...key, workload: set, stage: 0 }

beforeEach(() => void jest.useFakeTimers())
afterEach(() => void jest.useRealTimers())

test('a StatefulSet gets its partition in the patch of its images', async () => {
  let held: number | undefined
  const fake = world({
    plan: setPlan,
    patch: (_changes, { hold }) => {
      held = hold?.partition ?? held
      return Promise.resolve({ changed: true })
    },
    observe: () =>
      held === undefined
        ? observation({ kind: 'StatefulSet', pods: [] })
        : observation({
            ...{ kind: 'StatefulSet', pausedBy: key.upgradeId, wantedNew: 3 - held, updated: 3 - held, total: 4 },
            pods: Array.from({ length: 3 - held }, (_, index) => pod({ name: `ledger-${2 - index}` })),
          }),
  })
  await expect(run(canary(fake.deps), step)).resolves.toMatchObject({ holds: true })
  expect(fake.options).toEqual([{ hold: { by: key.upgradeId, partition: 2 } }])
  await run(canary(fake.deps), { ...step, stage: 1 })
  expect(fake.options[1]).toEqual({ hold: { by: key.upgradeId, partition: 1 } })
})

test('a StatefulSet with OnDelete does not stand still, because no new pod would come', async () => {
  const fake = world({
    plan: setPlan,
    observe: () => observation({ kind: 'StatefulSet', onDelete: true, wantedNew: 0, updated: 0, pending: 'pod' }),
  })
  await expect(run(canary(fake.deps), step)).resolves.toMatchObject({ kind: 'healthy', reason: 'no-stage' })
  expect(fake.patches).toEqual([])
})
