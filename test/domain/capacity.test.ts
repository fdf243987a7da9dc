import { capacityProblem } from '../../src/domain/capacity'
import type { Workload, WorkloadKind } from '../../src/domain/service'
import { policy, workload } from './fixtures'

const rolling = (maxUnavailable: number, more: Partial<Workload['strategy']> = {}) => ({
  ...{ type: 'RollingUpdate' as const, maxSurge: 0, maxUnavailable },
  ...more,
})
const onDelete = { type: 'OnDelete' as const, maxSurge: 0, maxUnavailable: 0 }

/** kind, replicas, how it replaces pods, what the policy allows; the reason of the refusal, or none */
test.each<[WorkloadKind, number, Workload['strategy'], number, string | undefined]>([
  ['Deployment', 3, rolling(0, { maxSurge: 1 }), 0, undefined],
  ['Deployment', 4, rolling(1), 0, 'ledger-api may run with 1 of 4 pods missing (maxUnavailable 1)'],
  ['Deployment', 2, { ...rolling(2), type: 'Recreate' }, 1, 'stops all its pods before new ones start'],
  ['StatefulSet', 3, rolling(1), 0, 'StatefulSet ledger-api replaces its pods in place, 1 of 3 pods missing meanwhile'],
  ['StatefulSet', 3, rolling(1), 1, undefined],
  ['StatefulSet', 1, rolling(1), 0, '1 of 1 pod missing meanwhile'],
  ['StatefulSet', 5, rolling(2), 1, '2 of 5 pods missing meanwhile'],
  ['StatefulSet', 0, rolling(1), 0, undefined],
  ['StatefulSet', 3, rolling(1, { partition: 3 }), 0, undefined],
  ['StatefulSet', 3, rolling(3, { partition: 2 }), 0, '1 of 3 pods missing meanwhile'],
  ['StatefulSet', 3, onDelete, 0, undefined],
  ['DaemonSet', 5, rolling(1), 0, 'DaemonSet ledger-api may run with 1 of 5 pods missing (maxUnavailable 1)'],
  ['DaemonSet', 5, rolling(1), 1, undefined],
  ['DaemonSet', 5, rolling(0, { maxSurge: 1 }), 0, undefined],
  ['DaemonSet', 0, rolling(1), 0, undefined],
  ['DaemonSet', 5, onDelete, 0, undefined],
  ['CronJob', 0, onDelete, 0, undefined],
])('%s of %i, %j, %i may be missing', (kind, replicas, strategy, maxUnavailable, reason) => {
  const { rollout, name } = policy()
  const problem = capacityProblem(workload({ kind, replicas, strategy }), {
    name,
    rollout: { ...rollout, maxUnavailable },
  })
  if (reason === undefined) return expect(problem).toBeUndefined()
  expect(problem?.reason).toContain(reason)
  expect(problem?.next).toMatch(/^Write rollout\.maxUnavailable: [1-9] in policy hub-core.*\.$/)
})
