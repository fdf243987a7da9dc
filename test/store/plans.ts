import type { Plan } from '../../src/domain/plan'

export const digest = (digit: string): string => `sha256:${digit.repeat(64)}`

/** A plan of hub/ledger, or of what is replaced. */
export function planOf({ service = 'ledger', to = 'v1.0.1', toDigest = digest('b') } = {}): Plan {
  return {
    version: 1,
    hub: { name: 'green-hub', environment: 'test' },
    service: { namespace: 'hub', name: service, repository: `127.0.0.1:5000/hub/${service}` },
    from: { tag: 'v1.0.0', digest: digest('a') },
    to: { tag: to, digest: toDigest },
    workloads: [
      {
        kind: 'Deployment',
        name: service,
        uid: `uid-${service}`,
        containers: [{ name: 'app', init: false, from: 'x:v1.0.0', to: `x:${to}` }],
      },
    ],
    migrations: [],
    policy: {
      name: 'core',
      mode: 'approve',
      approval: { required: 1, expiresMs: 259_200_000 },
      windows: [],
      freezes: [],
      rollout: { bakeMs: 1, stallMs: 1, deadlineMs: 1, maxUnavailable: 0 },
      health: [],
    },
    rollback: { initContainers: 'restore' },
  }
}
