import { type Plan } from '../../src/domain/plan'
import { rollbackPlan } from '../../src/domain/rollback-plan'
import { container, digest, image, newImage, planOf, policy, service, workload } from './fixtures'

const upgradeId = 'abcdef123456-1'
const migrating = service({
  workloads: [
    workload({ name: 'api', containers: [container('v1.0.0'), container('v1.0.0', { name: 'migrate', init: true })] }),
    workload({ name: 'job', uid: 'uid-job', containers: [container('v1.0.0', { name: 'migrate', init: true })] }),
  ],
})
const before = [
  {
    workload: { name: 'ledger-api', uid: 'uid-api' },
    containers: [{ name: 'ledger', init: false, image: image('v1.0.0') }],
  },
]

function backOf(plan: Plan, pin = false): Plan {
  const draft = rollbackPlan({ plan, upgradeId, before, digest: digest('a'), pin })
  if (draft.kind !== 'plan') throw new Error(draft.reason)
  return draft.plan
}

test('goes from what the upgrade brought to exactly what ran before', () => {
  const plan = planOf()
  expect(backOf(plan)).toMatchObject({
    ...{ from: plan.to, to: plan.from, rollbackOf: upgradeId, migrations: [] },
    workloads: [
      { name: 'ledger-api', containers: [{ name: 'ledger', init: false, from: newImage, to: image('v1.0.0') }] },
    ],
  })
})

test('where the tag may mean something else by now, the digest that ran is named', () => {
  expect(backOf(planOf(), true).workloads[0]?.containers[0]?.to).toBe(`${image('v1.0.0')}@${digest('a')}`)
})

test('nobody is asked, no window or freeze holds it, and nothing delays it', () => {
  const slow = policy({
    windows: [{ cron: '0 2 * * *', durationMs: 1, timeZone: 'UTC' }],
    freezes: [{ from: '2026-12-20', to: '2027-01-04', timeZone: 'UTC' }],
    whenWindowCloses: 'rollback',
    emergency: 'tech-ops',
    rollout: { ...policy().rollout, canary: 1, canaryBakeMs: 1, steps: [{ percent: 50, bakeMs: 1 }] },
  })
  const { policy: rules } = backOf(planOf({ policy: slow }))
  expect(rules).toMatchObject({ approval: { required: 0 }, windows: [], freezes: [], rollout: policy().rollout })
  for (const key of ['whenWindowCloses', 'emergency']) expect(rules).not.toHaveProperty(key)
  for (const key of ['canary', 'canaryBakeMs', 'steps']) expect(rules.rollout).not.toHaveProperty(key)
})

test('migrating init containers stay new where a rollback keeps them, and a workload of nothing else is left alone', () => {
  const job = { kind: 'job' as const, command: ['migrate'], deadlineMs: 60_000 }
  const plan = planOf({ service: migrating, policy: policy({ migrations: [job], acceptRestartRisk: true }) })
  expect(plan.rollback.initContainers).toBe('keep-new')
  expect(backOf(plan).workloads.map(({ name, containers }) => [name, containers.map((each) => each.name)])).toEqual([
    ['api', ['ledger']],
  ])
})

test('a rollback by hand is not taken back in turn', () => {
  const plan = { ...planOf(), rollbackOf: 'other-1' }
  const draft = rollbackPlan({ plan, upgradeId, before, digest: digest('a'), pin: false })
  expect(draft).toMatchObject({
    kind: 'refused',
    reason: expect.stringMatching(/is a rollback to v1\.0\.1 itself/) as string,
  })
})
