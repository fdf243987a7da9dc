import { explainPlan } from '../../../src/domain/explain-plan'
import { migratorState, restartAnswer } from '../../../src/domain/migrations/restart-answer'
import type { PodObservation } from '../../../src/domain/rollout'
import { container, planOf, pod, policy, service, workload } from '../fixtures'

const job = { kind: 'job' as const, command: ['npm', 'run', 'migrate'], deadlineMs: 60_000 }
const knex = { kind: 'knex' as const, directory: './migrations', database: 'LEDGER_DATABASE_URL' }
const migrating = service({
  workloads: [
    workload({ containers: [container('v1.0.0'), container('v1.0.0', { name: 'run-migration', init: true })] }),
  ],
})

describe('an old pod that is made anew in the middle of an upgrade', () => {
  test.each([
    ['a Job beside an init container', migrating, policy({ migrations: [job] }), 'prepare'],
    ['the same with the risk accepted', migrating, policy({ migrations: [job], acceptRestartRisk: true }), 'accepted'],
    ['no init container', service(), policy({ migrations: [job] }), undefined],
    ['files that Refit runs, which no image reads', migrating, policy({ migrations: [knex] }), undefined],
    ['no migrations', migrating, policy({ acceptRestartRisk: true }), undefined],
  ] as const)('%s', (_name, given, rules, expected) =>
    expect(planOf({ service: given, policy: rules }).rollback.restart).toBe(expected),
  )

  const { migrations, workloads } = planOf({ service: migrating, policy: policy({ migrations: [job] }) })
  test('the old image is known to start on the newer schema', () =>
    expect(restartAnswer({ migrations, workloads, oldStarts: true })).toBeUndefined())

  test.each([
    [[], undefined],
    [['20260201_a.js'], 'prepare'],
  ])('with %j pending', (pending, expected) => {
    const read = migrations.map((each) => ({ ...each, pending }) as (typeof migrations)[number])
    expect(restartAnswer({ migrations: read, workloads })).toBe(expected)
  })

  test.each([
    [false, 'restart: before expand ledger-api is rolled at v1.0.0 with the init containers of v1.0.1'],
    [true, 'may not start (acceptRestartRisk in policy hub-core)'],
  ])('the plan says what is done about it (risk accepted: %s)', (acceptRestartRisk, words) => {
    const plan = planOf({ service: migrating, policy: policy({ migrations: [job], acceptRestartRisk }) })
    expect(explainPlan(plan, 'abc').at(-1)).toContain(words)
  })
})

describe('how far a new init container came', () => {
  const waiting = (container: string, init: boolean, reason: string) => ({ container, init, reason, message: '' })
  const starting = { phase: 'Pending', ready: false, waiting: [waiting('ledger', false, 'PodInitializing')] }
  const stopped = (reason: string) => ({
    ...starting,
    waiting: [...starting.waiting, waiting('migrate', true, reason)],
  })
  test.each<[string, Partial<PodObservation>[], string]>([
    ['no pod yet', [], 'never'],
    ['a pod that runs', [{}], 'ran'],
    [
      'an application that can’t start after it',
      [{ phase: 'Pending', waiting: [waiting('ledger', false, 'CrashLoopBackOff')] }],
      'ran',
    ],
    ['it runs now', [starting], 'runs'],
    ['it crash-loops', [stopped('CrashLoopBackOff')], 'never'],
    ['its image is missing', [stopped('ImagePullBackOff')], 'never'],
    ['no node', [{ ...starting, unschedulable: { since: 0, message: 'no node' } }], 'never'],
    ['an old pod', [{ isNew: false }], 'never'],
    ['one of two', [stopped('CrashLoopBackOff'), {}], 'ran'],
  ])('%s', (_name, pods, expected) => expect(migratorState(pods.map((each) => pod(each)))).toBe(expected))
})
