import { canonicalPlan, makePlan, type Plan } from '../../src/domain/plan'
import type { Policy } from '../../src/domain/policy'
import type { Service, Workload } from '../../src/domain/service'
import { container, digest, image, newImage, planOf, policy, service, workload } from './fixtures'

const hub = { name: 'green-hub', environment: 'test' }
const candidate = { tag: 'v1.0.1', digest: digest('b') }
const job = { kind: 'job' as const, command: ['npm', 'run', 'migrate'], deadlineMs: 60_000 }
const knex = { kind: 'knex' as const, directory: './migrations', database: 'LEDGER_DATABASE_URL' }
const migrating = service({
  workloads: [
    workload({
      name: 'api',
      containers: [
        container('v1.0.0'),
        container('v1.0.0', { name: 'wait', init: true }),
        container('v1.0.0', { name: 'run-migration', init: true }),
      ],
    }),
    workload({ name: 'consumer', uid: 'uid-consumer', containers: [container('v1.0.0', { name: 'consumer' })] }),
  ],
})

test('the plan of a plain service', () => {
  expect(planOf()).toEqual({
    version: 1,
    hub,
    service: { namespace: 'hub', name: 'ledger', repository: service().repository },
    from: { tag: 'v1.0.0', digest: digest('a') },
    to: candidate,
    workloads: [
      {
        kind: 'Deployment',
        name: 'ledger-api',
        uid: 'uid-api',
        containers: [{ name: 'ledger', init: false, from: image('v1.0.0'), to: newImage }],
      },
    ],
    migrations: [],
    policy: {
      name: 'hub-core',
      mode: 'approve',
      strategy: 'bugfix',
      approval: policy().approval,
      windows: [],
      freezes: [],
      rollout: policy().rollout,
      health: [],
    },
    rollback: { initContainers: 'restore' },
  })
})

test('workloads roll as the policy names them, then in Refit’s order', () => {
  const named = (kind: Workload['kind'], name: string) => workload({ kind, name, uid: `${kind}-${name}` })
  const workloads = [
    ...[named('Deployment', 'api'), named('StatefulSet', 'books'), named('Deployment', 'report')],
    ...[named('Deployment', 'consumer'), named('CronJob', 'report')],
  ]
  const rolled = (order?: string[]) =>
    planOf({
      service: service({ workloads }),
      policy: policy({ rollout: { ...policy().rollout, order } }),
    }).workloads.map(({ uid }) => uid)
  const asTheyAre = workloads.map(({ uid }) => uid)
  expect(rolled()).toEqual(asTheyAre)
  expect(rolled(['nobody'])).toEqual(asTheyAre)
  expect(rolled(['CronJob/report', 'consumer', 'books'])).toEqual([
    ...['CronJob-report', 'Deployment-consumer', 'StatefulSet-books', 'Deployment-api', 'Deployment-report'],
  ])
})

test('a Job is made like a container of a CronJob only where nothing else runs the image', () => {
  const report = workload({ kind: 'CronJob', name: 'report', uid: 'r' })
  const likeOf = (workloads: Workload[]) => {
    const { migrations } = planOf({ service: service({ workloads }), policy: policy({ migrations: [job] }) })
    return migrations.map((each) => each.kind === 'job' && each.like)
  }
  expect(likeOf([workload(), report])).toEqual([{ workload: 'ledger-api', container: 'ledger' }])
  expect(likeOf([report])).toEqual([{ kind: 'CronJob', workload: 'report', container: 'ledger' }])
})

test('workloads keep their order, init containers come along', () => {
  const { workloads } = planOf({ service: migrating })
  expect(
    workloads.map(({ name, containers }) => [
      name,
      ...containers.map((each) => `${each.init ? 'init ' : ''}${each.name}`),
    ]),
  ).toEqual([
    ['api', 'ledger', 'init wait', 'init run-migration'],
    ['consumer', 'consumer'],
  ])
})

test.each<[string, Service, Policy, Plan['rollback']['initContainers']]>([
  ['migrations and a migrating init container', migrating, policy({ migrations: [job] }), 'keep-new'],
  ['migrations without init containers', service(), policy({ migrations: [job] }), 'restore'],
  ['init containers without migrations', migrating, policy(), 'restore'],
])('rollback with %s', (_, given, rules, expected) =>
  expect(planOf({ service: given, policy: rules }).rollback.initContainers).toBe(expected),
)

test.each<[string, Service, { workload: string; container: string }]>([
  ['the container that migrates today', migrating, { workload: 'api', container: 'run-migration' }],
  [
    'else another init container',
    service({
      workloads: [workload({ containers: [container('v1.0.0'), container('v1.0.0', { name: 'wait', init: true })] })],
    }),
    { workload: 'ledger-api', container: 'wait' },
  ],
  ['else the application', service(), { workload: 'ledger-api', container: 'ledger' }],
])('a job is like %s', (_, given, like) =>
  expect(planOf({ service: given, policy: policy({ migrations: [job] }) }).migrations).toEqual([
    { ...job, image: newImage, like },
  ]),
)

test('knex migrations carry their files and hashes', () => {
  expect(planOf({ policy: policy({ migrations: [knex] }) }).migrations).toEqual([
    { ...knex, files: [{ phase: 'expand', name: '001_a.js', sha256: 'f'.repeat(64) }] },
  ])
})

test('what runs the candidate already is left out', () => {
  const half = service({
    workloads: [
      workload({ containers: [container('', { image: newImage })] }),
      workload({ name: 'consumer', uid: 'u2' }),
    ],
  })
  expect(planOf({ service: half }).workloads.map(({ name }) => name)).toEqual(['consumer'])
})

test('accepted Helm drift is part of the plan', () =>
  expect(planOf({ policy: policy({ helmDrift: 'accept' }) }).policy.helmDrift).toBe('accept'))

test.each<[string, Parameters<typeof makePlan>[0]['service'], Partial<typeof candidate>, Policy, string]>([
  ['an older candidate', service(), { tag: 'v0.9.0' }, policy(), 'v0.9.0 is not newer'],
  ['the same tag', service(), { tag: 'v1.0.0' }, policy(), 'v1.0.0 is not newer'],
  ['no version', service(), { tag: 'latest' }, policy(), 'latest is not a version'],
  ['no digest', service(), { digest: '' }, policy(), 'has no usable digest'],
  [
    'a running tag that is no version',
    service({ workloads: [workload({ containers: [container('latest')] })] }),
    {},
    policy(),
    'latest is not a version',
  ],
  [
    'no application container',
    service({ workloads: [workload({ containers: [container('v1.0.0', { init: true })] })] }),
    {},
    policy(),
    'no application container',
  ],
  [
    'a migration directory without files',
    service(),
    {},
    policy({ migrations: [{ ...knex, directory: './empty' }] }),
    './empty holds no migration files',
  ],
])('%s is refused with the next step', (_, given, named, rules, reason) => {
  const draft = makePlan({
    hub,
    service: given,
    policy: rules,
    candidate: { ...candidate, ...named },
    migrationFiles: { './empty': [] },
  })
  expect(draft).toMatchObject({
    kind: 'refused',
    reason: expect.stringContaining(reason),
    next: expect.stringMatching(/\.$/),
  })
})

describe('the canonical text', () => {
  test('does not depend on the order of keys, nor on absent values', () => {
    const plan = planOf()
    const reversed = Object.fromEntries(Object.entries({ ...plan, extra: undefined }).reverse()) as unknown as Plan
    expect(canonicalPlan(reversed)).toBe(canonicalPlan(plan))
    expect(JSON.parse(canonicalPlan(plan))).toEqual(plan)
  })

  test.each<[string, Partial<Policy>]>([
    ['bake', { rollout: { ...policy().rollout, bakeMs: 1 } }],
    ['window', { windows: [{ cron: '0 2 * * *', durationMs: 1, timeZone: 'UTC' }] }],
    ['approval', { approval: { ...policy().approval, required: 0 } }],
    ['migration', { migrations: [job] }],
  ])('changes with the %s', (_, changed) =>
    expect(canonicalPlan(planOf({ policy: policy(changed) }))).not.toBe(canonicalPlan(planOf())),
  )

  test('does not change with scaling, generation or resource version', () => {
    const scaled = service({
      workloads: [workload({ replicas: 9, generation: 8, observedGeneration: 8, resourceVersion: '99' })],
    })
    expect(canonicalPlan(planOf({ service: scaled }))).toBe(canonicalPlan(planOf()))
  })
})
