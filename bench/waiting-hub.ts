/** A made-up hub of many services, each with one upgrade that waits: the rows of the store, as scan and plan leave them. */
import { newVotes } from '../src/domain/votes'
import type { Decision } from '../src/domain/decision'
import { makePlan } from '../src/domain/plan'
import type { Policy } from '../src/domain/policy'
import type { Service } from '../src/domain/service'
import type { PlannedUpgrade, UpgradeInput } from '../src/activities/contracts'
import { summaryOf } from '../src/activities/plan'
import type { Store } from '../src/store/contracts'
import type { Waiting } from '../src/workflows/waiting'

const servicesPerNamespace = 100
const digest = (digit: string): string => `sha256:${digit.repeat(64)}`

export interface WaitingUpgrade {
  input: UpgradeInput
  waiting: Waiting
}

/** One service with a Deployment of two replicas at v1.0.0. */
function serviceNo(position: number): Service {
  const namespace = `hub-${Math.floor(position / servicesPerNamespace)}`
  const name = `service-${position}`
  const repository = `registry.example.org/hub/${name}`
  return {
    ...{ namespace, name, repository, runningDigests: [digest('0')], nodes: [], pullSecrets: [] },
    workloads: [
      {
        ...{ kind: 'Deployment', name, uid: `uid-${position}`, resourceVersion: '1', generation: 1 },
        ...{ observedGeneration: 1, replicas: 2, paused: false, revisionHistoryLimit: 10 },
        ...{ progressDeadlineSeconds: 600, hasReadinessProbe: true, hasPreStop: true },
        strategy: { type: 'RollingUpdate', maxSurge: 1, maxUnavailable: 0 },
        containers: [{ name: 'app', init: false, image: `${repository}:v1.0.0` }],
      },
    ],
  }
}

/** Seeds decision, plan and open upgrade of one service; returns what its workflow is started with. */
export async function seed(
  store: Store,
  { position, policy, readSince }: { position: number; policy: Policy; readSince: Date },
): Promise<WaitingUpgrade> {
  const service = serviceNo(position)
  const { namespace, name } = service
  const candidate = { tag: 'v1.0.1', digest: digest('1') }
  const hub = { name: 'bench', environment: 'bench' }
  const made = makePlan({ hub, service, policy, candidate, migrationFiles: {} })
  if (made.kind !== 'plan') throw new Error(made.reason)
  await store.decisions.save({ scanId: 'bench', readSince }, [
    { decision: decisionOf(service, policy, candidate), inputs: 'bench' },
  ])
  const planHash = await store.plans.save(made.plan)
  const { id } = await store.upgrades.open(made.plan, planHash)
  const plan: PlannedUpgrade = summaryOf(made.plan, planHash, id)
  const input = { namespace, service: name, candidate }
  return { input, waiting: { plan, votes: newVotes(planHash), askedAt: Date.now() } }
}

const decisionOf = (
  { namespace, name: service, repository }: Service,
  { name: policy, mode }: Policy,
  candidate: Decision['candidate'],
): Decision => ({
  ...{ namespace, service, repository, kind: 'candidate', current: 'v1.0.0', currentDigest: digest('0') },
  ...(candidate ? { candidate } : {}),
  ...{ reason: 'v1.0.1 is the newest that bugfix allows', policy, mode },
  // As many as a repository with a long history has.
  tags: Array.from({ length: 50 }, (_, i) => ({
    ...{ tag: `v0.${i}.0`, verdict: 'older', reason: 'v0.9.0 is not newer than v1.0.0' },
  })),
})
