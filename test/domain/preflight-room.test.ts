import { checkPreflight, type Around } from '../../src/domain/preflight'
import type { RolloutRules } from '../../src/domain/policy'
import type { Workload } from '../../src/domain/service'
import type { Setting } from '../../src/domain/surroundings'
import { contract, digest, planOf, policy, service, setting, workload } from './fixtures'

interface Case {
  now?: Partial<Workload>
  setting?: Partial<Setting>
  around?: Partial<Around>
  rollout?: Partial<RolloutRules>
}

function check({ now = {}, setting: changed = {}, around = {}, rollout = {} }: Case) {
  const rules = policy({ rollout: { ...policy().rollout, ...rollout } })
  return checkPreflight({
    plan: planOf({ policy: rules, service: service({ workloads: [workload({ kind: now.kind ?? 'Deployment' })] }) }),
    service: service({ workloads: [workload(now)] }),
    candidateDigestNow: digest('b'),
    around: {
      ...{ settings: [setting(changed)], unread: [], unlooked: [], platforms: [], oneNode: false },
      images: { from: contract(), to: contract() },
      ...around,
    },
  })
}
const problemsOf = (given: Case) => {
  const checked = check(given)
  return checked.kind === 'refused' ? checked.problems : []
}
const warningsOf = (given: Case) => {
  const checked = check(given)
  return checked.kind === 'ok' ? checked.warnings : ['refused']
}

const recreate: Partial<Workload> = { strategy: { type: 'Recreate', maxSurge: 0, maxUnavailable: 0 } }
const rolling = (maxSurge: number, maxUnavailable = 0): Partial<Workload> => ({
  strategy: { type: 'RollingUpdate', maxSurge, maxUnavailable },
})
const budget = (of: object) => ({ budgets: [{ name: 'pdb', ...of }] })
const quota = (left: Record<string, number>) => ({ quotas: [{ name: 'compute', left }] })
const claim = (mode: 'ReadWriteOnce' | 'ReadWriteOncePod') => ({ claims: [{ name: 'data', mode }] })

test.each<[string, Case, RegExp, RegExp]>([
  [
    'a budget wants more pods than the strategy leaves',
    { now: rolling(1, 1), setting: budget({ minAvailable: 3 }), rollout: { maxUnavailable: 1 } },
    /may run with 2 of 3 pods while it rolls, and PodDisruptionBudget pdb wants 3$/,
    /maxUnavailable of ledger-api to at most 0\.$/,
  ],
  [
    'a percentage of a budget is rounded up',
    { now: rolling(1, 1), setting: budget({ minAvailable: '67%' }), rollout: { maxUnavailable: 1 } },
    /wants 3$/,
    /^Let the budget allow 1 fewer/,
  ],
  [
    'a budget that lets one go, and a strategy that takes two',
    { now: rolling(1, 2), setting: budget({ maxUnavailable: 1 }), rollout: { maxUnavailable: 2 } },
    /with 1 of 3 pods .* wants 2$/,
    /to at most 1/,
  ],
  [
    'a singleton that is recreated under a budget of one',
    { now: { ...recreate, replicas: 1 }, setting: budget({ minAvailable: 1 }), rollout: { maxUnavailable: 1 } },
    /with 0 of 1 pods/,
    /strategy RollingUpdate with maxSurge 1/,
  ],
  [
    'a StatefulSet, which replaces its pods in place',
    {
      now: { kind: 'StatefulSet', ...rolling(0, 1) },
      setting: { kind: 'StatefulSet', ...budget({ minAvailable: 3 }) },
      rollout: { maxUnavailable: 1 },
    },
    /with 2 of 3 pods/,
    /^Let the budget allow 1 fewer: a StatefulSet replaces its pods in place\.$/,
  ],
  [
    'a canary without a pod beyond those that there are',
    { now: rolling(0, 1), rollout: { canary: 1, maxUnavailable: 1 } },
    /maxSurge 0/,
    /Set maxSurge to 1/,
  ],
  [
    'a quota without room for one more pod',
    { setting: quota({ pods: 0 }) },
    /needs room for 1 more pod while it rolls, and quota compute leaves 0 of the 1 pods$/,
    /^Raise the quota\.$/,
  ],
  [
    'a quota with room for one of two',
    { now: rolling(2), setting: quota({ 'requests.memory': 1.5 * 2 ** 28, 'requests.cpu': 8 }) },
    /2 more pods .* leaves 384 Mi of the 512 Mi requests\.memory$/,
    /or set maxSurge of ledger-api to 1\.$/,
  ],
  [
    'a quota that is overdrawn already',
    { setting: quota({ 'requests.cpu': -1 }) },
    /leaves 0 of the 0\.5 requests\.cpu$/,
    /Raise the quota/,
  ],
  [
    'a quota of what the containers do not say',
    { setting: quota({ 'limits.memory': 2 ** 40 }) },
    /quota compute limits limits\.memory, which not every container of ledger-api says/,
    /LimitRange/,
  ],
  [
    'a volume that one node can have',
    { setting: claim('ReadWriteOnce') },
    /mounts claim data \(ReadWriteOnce\), which a new pod can't have on another node/,
    /strategy Recreate, with rollout.maxUnavailable: 3/,
  ],
  [
    'a volume that one pod can have, though there is one node',
    { setting: claim('ReadWriteOncePod'), around: { oneNode: true } },
    /can't have beside the old one$/,
    /strategy Recreate/,
  ],
  [
    'pods of an older template',
    { setting: { older: { pods: 1, of: 3 } } },
    /in the middle of another rollout: 1 of 3 pods/,
    /kubectl -n hub rollout status deployment\/ledger-api/,
  ],
  [
    'an operator made it',
    { setting: { madeBy: 'Kafka hub' } },
    /is made by Kafka hub, whose controller would set it back$/,
    /^Change the image there\.$/,
  ],
  [
    'Helm made it',
    {
      now: { owner: { tool: 'helm', name: 'moja' } },
      setting: { helm: { namespace: 'releases', chart: 'ledger-1.2.3' } },
    },
    /owned by helm moja/,
    /helm upgrade moja CHART --namespace releases --reuse-values --set PATH\.TO\.TAG=v1\.0\.1 # chart ledger-1\.2\.3/,
  ],
  [
    'a drain is required and there is none',
    { now: { hasPreStop: false }, rollout: { drain: 'required' } },
    /no preStop hook/,
    /preStop: { sleep: { seconds: 5 } }/,
  ],
  [
    'a drain is required and is cut off',
    { setting: { preStopSeconds: 30, graceSeconds: 30 }, rollout: { drain: 'required' } },
    /its preStop hook takes 30 s, and terminationGracePeriodSeconds is 30$/,
    /terminationGracePeriodSeconds to more/,
  ],
  [
    'a node that the image is not for',
    { around: { platforms: ['linux/amd64', 'linux/arm64'] } },
    /v1\.0\.1 has no image for linux\/arm64, which the service's nodes need/,
    /platforms: ignore/,
  ],
])('refused: %s', (_, given, reason, next) => {
  const problems = problemsOf(given)
  expect(problems).toHaveLength(1)
  expect(problems[0]?.reason).toMatch(reason)
  expect(problems[0]?.reason).not.toMatch(/\.$/)
  expect(problems[0]?.next).toMatch(next)
  expect(problems[0]?.next).toMatch(/\.$/)
})

test.each<[string, Case]>([
  ['a budget that no drain of a node could keep, but the rollout does', { setting: budget({ minAvailable: 3 }) }],
  [
    'a budget that lets one go, as the strategy does',
    { now: rolling(1, 1), setting: budget({ maxUnavailable: 1 }), rollout: { maxUnavailable: 1 } },
  ],
  ['a budget without a number', { now: rolling(1, 1), setting: budget({}), rollout: { maxUnavailable: 1 } }],
  ['a quota with just enough', { setting: quota({ pods: 1, 'requests.cpu': 0.5, 'requests.memory': 2 ** 28 }) }],
  ['a quota of what it takes nothing of', { setting: quota({ 'requests.nvidia.com/gpu': 0 }) }],
  [
    'a full quota where no pod is made beside the old',
    { now: { ...recreate, replicas: 1 }, setting: quota({ pods: 0 }), rollout: { maxUnavailable: 1 } },
  ],
  ['a full quota with nothing running', { now: { replicas: 0 }, setting: quota({ pods: 0, 'limits.cpu': 0 }) }],
  ['a volume of one node, and only one node', { setting: claim('ReadWriteOnce'), around: { oneNode: true } }],
  [
    'a volume of one node under Recreate',
    { now: recreate, setting: claim('ReadWriteOnce'), rollout: { maxUnavailable: 3 } },
  ],
  [
    'no preStop where no Service object sends requests',
    { now: { hasPreStop: false }, setting: { getsRequests: false }, rollout: { drain: 'required' } },
  ],
  ['an autoscaler without canary', { setting: { autoscaler: { name: 'hpa', min: 2, max: 9 } } }],
  [
    'a variant of the platform of its nodes',
    { around: { platforms: ['linux/arm64'], images: { to: contract({ platforms: ['linux/arm64/v8'] }) } } },
  ],
])('%s is no obstacle', (_, given) => expect(check(given)).toEqual({ kind: 'ok', warnings: [] }))

test.each<[string, Case, RegExp]>([
  ['no preStop', { now: { hasPreStop: false } }, /requests may still reach a pod/],
  [
    'no preStop where Service objects could not be read',
    { now: { hasPreStop: false }, setting: { getsRequests: undefined } },
    /no preStop/,
  ],
  [
    'no readiness probe, as the policy allows',
    { now: { hasReadinessProbe: false }, rollout: { readinessProbe: 'optional' } },
    /nobody can tell/,
  ],
  [
    'a full quota, where old pods may go first',
    { now: rolling(1, 1), setting: quota({ pods: 0 }), rollout: { maxUnavailable: 1 } },
    /go no faster than old pods end/,
  ],
  [
    'an autoscaler with a canary',
    { setting: { autoscaler: { name: 'hpa', min: 2, max: 9 } }, rollout: { canary: 1 } },
    /hpa scales ledger-api between 2 and 9 pods .*canary/,
  ],
  [
    'an autoscaler with steps',
    { setting: { autoscaler: { name: 'hpa', min: 2, max: 9 } }, rollout: { steps: [{ percent: 50, bakeMs: 1 }] } },
    /steps are counted/,
  ],
  ['a tool that applies again', { setting: { appliedBy: 'Terraform' } }, /got its image from Terraform/],
  [
    'rights that lack',
    { around: { unread: ['limitranges', 'resourcequotas'] } },
    /for lack of rights: limitranges and resourcequotas/,
  ],
  ['an image that could not be read', { around: { unlooked: ['v1.0.0 was not compared: it is gone'] } }, /it is gone/],
])('worth knowing: %s', (_, given, words) => expect(warningsOf(given)).toEqual([expect.stringMatching(words)]))

test("Helm's drift, accepted, comes with the command that keeps the release in step", () => {
  const checked = checkPreflight({
    plan: planOf({ policy: policy({ helmDrift: 'accept' }) }),
    service: service({ workloads: [workload({ owner: { tool: 'helm', name: 'moja' } })] }),
    candidateDigestNow: digest('b'),
  })
  expect(checked).toEqual({
    kind: 'ok',
    warnings: [
      "Helm's next upgrade of release moja sets ledger-api back to its own image, unless it has this one, too: helm upgrade moja CHART --namespace hub --reuse-values --set PATH.TO.TAG=v1.0.1",
    ],
  })
})

test('a workload that has changed since is looked at no further', () => {
  expect(problemsOf({ now: { uid: 'other' }, setting: quota({ pods: 0 }) })).toHaveLength(1)
})
