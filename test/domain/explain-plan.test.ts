import { explainPlan, patchOf, planDifferences } from '../../src/domain/explain-plan'
import { container, digest, image, newImage, planOf, policy, service, workload } from './fixtures'

const full = () =>
  planOf({
    service: service({
      workloads: [
        workload({ containers: [container('v1.0.0'), container('v1.0.0', { name: 'run-migration', init: true })] }),
      ],
    }),
    policy: policy({
      migrations: [
        { kind: 'job', command: ['npm', 'run', 'migrate'], deadlineMs: 600_000 },
        { kind: 'knex', directory: './migrations', database: 'LEDGER_DATABASE_URL' },
      ],
      windows: [{ cron: '0 2 * * SAT', durationMs: 10_800_000, timeZone: 'Africa/Nairobi' }],
      freezes: [{ from: '2026-12-20', to: '2027-01-04', timeZone: 'Africa/Nairobi' }],
      health: [{ http: '/health', port: 3001, expect: {} }],
    }),
  })

test('a plan in words', () => {
  expect(explainPlan(full(), '0123456789ab')).toEqual([
    'plan 0123456789ab of hub green-hub (test)',
    'hub/ledger: v1.0.0 → v1.0.1',
    `image ${newImage}, now ${digest('a')}`,
    'migration 1: job npm run migrate in the new image, like ledger-api/run-migration, at most 10 min',
    'migration 2: knex ./migrations on LEDGER_DATABASE_URL: expand 001_a.js',
    '  not rehearsed: nobody has seen what these files do to the database',
    `rollout 1: Deployment ledger-api: ledger from ${image('v1.0.0')}, init container run-migration from ${image('v1.0.0')}`,
    'watch: failed when no further new pod gets ready for 2 min, or after 10 min; then 10 min of bake, asking every new pod /health on 3001',
    'capacity: never below the desired count',
    'approval: one person, asked for at most 3 d',
    'start: in a window: 0 2 * * SAT for 3 h (Africa/Nairobi), never in a freeze: 2026-12-20 to 2027-01-04 (Africa/Nairobi)',
    'rollback: the images of the application containers are set back; init containers stay at v1.0.1, because an older one refuses a newer schema; the expanded schema stays',
    'restart: before expand ledger-api is rolled at v1.0.0 with the init containers of v1.0.1, which migrate, so that an old pod that is made anew starts on the newer schema',
  ])
})

test('a plain one', () => {
  const lines = explainPlan(
    planOf({
      policy: policy({
        mode: 'automatic',
        approval: { ...policy().approval, required: 0, expiresMs: 0 },
        rollout: { ...policy().rollout, maxUnavailable: 1 },
      }),
    }),
    'x',
  )
  expect(lines).toContain('approval: none needed (mode automatic)')
  expect(lines).toContain('start: at any time')
  expect(lines).toContain('capacity: at most 1 below the desired count')
  expect(lines.at(-1)).toBe('rollback: all images are set back to what ran before')
})

test('the patch is guarded by uid and by every image that it replaces', () => {
  const [planned] = full().workloads
  expect(patchOf(planned!)).toEqual([
    { op: 'test', path: '/metadata/uid', value: 'uid-api' },
    { op: 'test', path: '/spec/template/spec/containers/ledger/image', value: image('v1.0.0') },
    { op: 'replace', path: '/spec/template/spec/containers/ledger/image', value: newImage },
    { op: 'test', path: '/spec/template/spec/initContainers/run-migration/image', value: image('v1.0.0') },
    { op: 'replace', path: '/spec/template/spec/initContainers/run-migration/image', value: newImage },
  ])
})

describe('what differs', () => {
  const two = [workload({ name: 'a', uid: 'ua' }), workload({ name: 'b', uid: 'ub' })]
  const approved = planOf({ service: service({ workloads: two }) })
  test.each([
    ['nothing', approved, []],
    ['pods that restart tell no digest', planOf({ service: service({ workloads: two, runningDigests: [] }) }), []],
    ['scaling changes the order of workloads', planOf({ service: service({ workloads: [...two].reverse() }) }), []],
    ['a workload less', planOf({ service: service({ workloads: two.slice(1) }) }), ['the workloads or their images']],
    [
      'another bake',
      planOf({ service: service({ workloads: two }), policy: policy({ rollout: { ...policy().rollout, bakeMs: 1 } }) }),
      ['the policy'],
    ],
    ['another digest', { ...approved, to: { tag: 'v1.0.1', digest: digest('c') } }, ['the candidate']],
    [
      'a migration',
      { ...approved, migrations: full().migrations, rollback: full().rollback },
      ['the migrations', 'the rollback'],
    ],
  ])('%s', (_, now, expected) => expect(planDifferences(approved, now)).toEqual(expected))
})

test('each kind of health check is told, with what makes it bad', () => {
  const prometheus = { prometheus: '${PROM}', overMs: 60_000, samples: 3 }
  const plan = planOf({
    policy: policy({
      health: [
        { http: '/health', port: 3001, expect: {} },
        { url: '${LEDGER}/health', expect: {} },
        { ...prometheus, query: 'errors', max: 0.1 },
        { ...prometheus, query: 'latency', worse: 1.5, max: 0.2 },
        { job: { command: ['npm', 'run', 'smoke'], deadlineMs: 60_000 } },
      ],
    }),
  })
  expect(explainPlan(plan, 'abc').find((line) => line.startsWith('watch:'))).toContain(
    'asking every new pod /health on 3001, asking ${LEDGER}/health, measuring errors (at most 0.1) and latency (no more than 1.5 times worse than before or at most 0.2), running npm run smoke in the new image',
  )
})
