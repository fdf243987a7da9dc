import { parseImage } from './image'
import type { Plan } from './plan'
import { serviceId } from './service'
import type { PlanRefusal } from './plan-objections'

/** What ran before an upgrade, by its snapshot. */
export interface Before {
  workload: { name: string; uid: string }
  containers: readonly { name: string; init: boolean; image: string }[]
}

/**
 * The plan that takes a succeeded upgrade back: from what it brought to exactly what ran before, by its snapshot, without
 * migrations, windows, freezes and canary. A migrating init container that a rollback keeps new stays as it is. Images without a digest
 * get the one that ran, where `pin` says that their tag may mean something else by now.
 */
export function rollbackPlan({
  plan,
  upgradeId,
  before,
  digest,
  pin,
}: {
  plan: Plan
  upgradeId: string
  before: readonly Before[]
  /** of what ran before */
  digest: string
  pin: boolean
}): { kind: 'plan'; plan: Plan } | PlanRefusal {
  const { service, policy, from, to } = plan
  if (plan.rollbackOf !== undefined)
    return {
      kind: 'refused',
      reason: `the last upgrade of ${serviceId(service)} that succeeded is a rollback to ${to.tag} itself`,
      next: 'refit quarantine list shows what it keeps from being offered again.',
    }
  const imageBefore = (uid: string, name: string, init: boolean, otherwise: string): string => {
    const image =
      before
        .find(({ workload }) => workload.uid === uid)
        ?.containers.find((each) => each.name === name && each.init === init)?.image ?? otherwise
    return pin && parseImage(image)?.digest === undefined && parseImage(image)?.tag === from.tag
      ? `${image}@${digest}`
      : image
  }
  const keepsInit = plan.rollback.initContainers === 'keep-new'
  const workloads = plan.workloads
    .map(({ containers, ...workload }) => ({
      ...workload,
      containers: containers
        .filter(({ init }) => !(init && keepsInit))
        .map((each) => ({ ...each, from: each.to, to: imageBefore(workload.uid, each.name, each.init, each.from) })),
    }))
    .filter(({ containers }) => containers.length > 0)
  const rules = without(policy, ['whenWindowCloses', 'emergency', 'promote', 'signatures', 'expectedMs'])
  const rollout = without(policy.rollout, ['canary', 'canaryBakeMs', 'steps'])
  return {
    kind: 'plan',
    plan: {
      ...plan,
      from: to,
      to: { tag: from.tag, digest },
      workloads,
      migrations: [],
      policy: { ...rules, approval: { ...policy.approval, required: 0 }, windows: [], freezes: [], rollout },
      rollback: { initContainers: 'restore' },
      rollbackOf: upgradeId,
    },
  }
}

/** A person waits for it: what only delays it is left out. */
function without<T extends object, K extends keyof T>(whole: T, keys: readonly K[]): Omit<T, K> {
  const rest: Partial<T> = { ...whole }
  for (const key of keys) delete rest[key]
  return rest as Omit<T, K>
}
