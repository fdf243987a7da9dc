import type { Plan } from '../../src/domain/plan'
import { checkPreflight, type PreflightInput } from '../../src/domain/preflight'
import type { Workload } from '../../src/domain/service'
import { container, digest, gitops, newImage, planOf, policy, service, workload } from './fixtures'

const check = (more: Partial<PreflightInput> = {}) =>
  checkPreflight({ plan: planOf(), service: service(), candidateDigestNow: digest('b'), ...more })
const now = (more: Partial<Workload>) => ({ service: service({ workloads: [workload(more)] }) })
const allowing = (maxUnavailable: number): Plan =>
  planOf({ policy: policy({ rollout: { ...policy().rollout, maxUnavailable } }) })
const recreate = { type: 'Recreate' as const, maxSurge: 0, maxUnavailable: 0 }
const rolling = (maxUnavailable: number) => ({ type: 'RollingUpdate' as const, maxSurge: 1, maxUnavailable })

test('what is as planned may be written', () => expect(check()).toEqual({ kind: 'ok', warnings: [] }))

test.each<[string, Partial<PreflightInput>]>([
  ['scaled since', now({ replicas: 9 })],
  ['another resource version', now({ resourceVersion: '99' })],
  [
    'Helm, its drift accepted in the plan',
    { plan: planOf({ policy: policy({ helmDrift: 'accept' }) }), ...now({ owner: { tool: 'helm', name: 'moja' } }) },
  ],
  ...(['argocd', 'flux', 'helm'] as const).map((tool): [string, Partial<PreflightInput>] => [
    `${tool}, which applies what Refit commits`,
    { plan: planOf({ policy: policy({ gitops }) }), ...now({ owner: { tool, name: 'moja' } }) },
  ]),
  ['maxUnavailable as the policy allows', { plan: allowing(1), ...now({ strategy: rolling(1) }) }],
  ['Recreate with one replica, allowed', { plan: allowing(1), ...now({ replicas: 1, strategy: recreate }) }],
  ['Recreate with nothing running', now({ replicas: 0, strategy: recreate })],
  ['an open window', { window: { kind: 'open' } }],
  [
    'another workload that runs the candidate already',
    {
      service: service({
        workloads: [workload(), workload({ name: 'b', uid: 'ub', containers: [container('', { image: newImage })] })],
      }),
    },
  ],
])('%s is no obstacle', (_, more) => expect(check(more).kind).toBe('ok'))

test.each<[string, Partial<PreflightInput>, string, string]>([
  ['not deployed any more', { service: undefined }, 'hub/ledger is not deployed any more', 'Nothing to do.'],
  ['workload gone', { service: service({ workloads: [] }) }, 'ledger-api has gone', 'Run refit scan'],
  ['created again', now({ uid: 'other' }), 'ledger-api was deleted and created again', 'Run refit scan'],
  [
    'image changed',
    now({ containers: [container('v1.0.5')] }),
    'ledger-api was changed by somebody: ledger runs',
    'Run refit scan',
  ],
  ['container gone', now({ containers: [] }), 'ledger runs another repository', 'Run refit scan'],
  [
    'Argo CD came',
    now({ owner: { tool: 'argocd', name: 'moja' } }),
    'owned by argocd moja',
    'Change the image there, or write gitops',
  ],
  ['Helm came', now({ owner: { tool: 'helm', name: 'moja' } }), 'owned by helm moja', 'helmDrift: accept'],
  ['paused', now({ paused: true }), 'ledger-api is paused', 'rollout resume deployment/ledger-api'],
  ['an unfinished change', now({ generation: 4 }), 'not taken up yet', 'Wait'],
  ['no history', now({ revisionHistoryLimit: 0 }), 'revisionHistoryLimit: 0', 'Set it to 1'],
  ['no readiness probe', now({ hasReadinessProbe: false }), 'no readiness probe', 'Add one'],
  [
    '25 % of four may be missing',
    now({ replicas: 4, strategy: rolling(1) }),
    '1 of 4 pods missing',
    'Write rollout.maxUnavailable: 1 in policy hub-core',
  ],
  [
    'more may be missing than the policy says',
    { plan: allowing(1), ...now({ strategy: rolling(2) }) },
    '2 of 3 pods missing',
    'Write rollout.maxUnavailable: 2',
  ],
  [
    'maxUnavailable is no more than all',
    now({ replicas: 1, strategy: rolling(5) }),
    '1 of 1 pod missing',
    'Write rollout.maxUnavailable: 1',
  ],
  [
    'a singleton that must not overlap',
    now({ replicas: 1, strategy: recreate }),
    'strategy Recreate), 1 of 1 pod at once',
    'Write rollout.maxUnavailable: 1 in policy hub-core',
  ],
  [
    'Recreate of three, one allowed',
    { plan: allowing(1), ...now({ strategy: recreate }) },
    '3 of 3 pods at once',
    'Write rollout.maxUnavailable: 3',
  ],
  ['pushed again', { candidateDigestNow: digest('c') }, 'v1.0.1 was pushed again', 'approve the new plan'],
  ['deleted from the registry', { candidateDigestNow: undefined }, 'no longer has v1.0.1', 'Push it again'],
  [
    'a new workload',
    { service: service({ workloads: [workload(), workload({ name: 'b', uid: 'ub' })] }) },
    'b runs the image too',
    'Run refit scan',
  ],
  [
    'a new workload of another kind and the same name',
    { service: service({ workloads: [workload(), workload({ kind: 'CronJob', uid: 'ub' })] }) },
    'cronjob/ledger-api runs the image too',
    'Run refit scan',
  ],
  [
    'a StatefulSet, which is replaced in place',
    {
      plan: planOf({ service: service({ workloads: [workload({ kind: 'StatefulSet' })] }) }),
      ...now({ kind: 'StatefulSet', strategy: { ...rolling(1), maxSurge: 0 } }),
    },
    'StatefulSet ledger-api replaces its pods in place, 1 of 3 pods missing meanwhile',
    'Write rollout.maxUnavailable: 1 in policy hub-core',
  ],
  [
    'a freeze began',
    { window: { kind: 'closed', opensAt: 1, because: 'freeze' } },
    'the freeze does not allow',
    'Run refit scan',
  ],
])('%s', (_, more, reason, next) => {
  const checked = check(more)
  const problems = checked.kind === 'refused' ? checked.problems : []
  expect(problems).toHaveLength(1)
  expect(problems[0]?.reason).toContain(reason)
  expect(problems[0]?.reason).not.toMatch(/\.$/)
  expect(problems[0]?.next).toContain(next)
  expect(problems[0]?.next).toMatch(/\.$/)
})

test('every problem is named at once', () => {
  const checked = check({
    candidateDigestNow: digest('c'),
    ...now({ paused: true, hasReadinessProbe: false, strategy: recreate }),
  })
  expect(checked.kind === 'refused' && checked.problems).toHaveLength(4)
})

test('no preStop is a warning', () => {
  expect(check(now({ hasPreStop: false }))).toEqual({
    kind: 'ok',
    warnings: [expect.stringContaining('ledger-api has no preStop hook')],
  })
})
