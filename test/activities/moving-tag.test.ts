import { preflight } from '../../src/activities/preflight'
import { rollback } from '../../src/activities/rollback'
import type { Plan } from '../../src/domain/plan'
import { makePlan } from '../../src/domain/plan'
import { container, digest, image, observation, policy, service, workload as deployed } from '../domain/fixtures'
import { key, run, workload, world } from './support'

const rules = policy({ strategy: 'digest' })
const moving = service({
  workloads: [deployed({ containers: [container('latest'), container('latest', { name: 'migrate', init: true })] })],
})
const [old, next] = [`${image('latest')}@${digest('a')}`, `${image('latest')}@${digest('b')}`]

function planned(): Plan {
  const candidate = { tag: 'latest', digest: digest('b') }
  const hub = { name: 'green-hub', environment: 'test' }
  const draft = makePlan({ hub, service: moving, policy: rules, candidate, migrationFiles: {} })
  if (draft.kind !== 'plan') throw new Error(draft.reason)
  return draft.plan
}

const pinned = [
  {
    workload,
    containers: [
      { name: 'ledger', init: false, image: old },
      { name: 'migrate', init: true, image: old },
    ],
  },
]
const runs = (both: string) =>
  observation({
    containers: [
      { name: 'ledger', init: false, image: both },
      { name: 'migrate', init: true, image: both },
    ],
    pods: observation().pods.map((each) => ({ ...each, digests: [digest('a')] })),
  })
const withRules = (fake: ReturnType<typeof world>) => {
  fake.deps.config = { ...fake.deps.config, policies: [rules] }
  return fake
}

test('what is remembered of a moving tag is the digest that ran', async () => {
  const fake = withRules(world({ plan: planned(), service: moving }))
  await expect(run(preflight(fake.deps), key)).resolves.toEqual({ kind: 'ok' })
  expect(fake.snapshots).toEqual(pinned)
})

test('pods that run another digest by now void the plan', async () => {
  const fake = withRules(world({ plan: planned(), service: { ...moving, runningDigests: [digest('c')] } }))
  await expect(run(preflight(fake.deps), key)).resolves.toMatchObject({
    kind: 'refused',
    reason: expect.stringContaining('the running digest changed') as string,
  })
})

test('a rollback sets back the digest: the tag alone would pull the new image again', async () => {
  const fake = world({ plan: planned(), service: moving, snapshots: pinned, observe: () => runs(old) })
  fake.events.set('patched/ledger-api', {
    ...key,
    at: new Date(),
    phase: 'rollout',
    kind: 'patched',
    by: null,
    verified: false,
    message: '',
  })
  await expect(run(rollback(fake.deps), { ...key, workload })).resolves.toMatchObject({ kind: 'healthy' })
  expect(fake.patches).toEqual([
    [
      { name: 'ledger', init: false, from: next, to: old },
      { name: 'migrate', init: true, from: next, to: old },
    ],
  ])
})

test('a workload that was never patched stays as it is, on its tag', async () => {
  const fake = world({ plan: planned(), service: moving, snapshots: pinned, observe: () => runs(image('latest')) })
  await expect(run(rollback(fake.deps), { ...key, workload })).resolves.toMatchObject({ reason: 'untouched' })
  expect(fake.patches).toEqual([])
})
