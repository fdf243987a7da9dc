/* eslint-disable @typescript-eslint/require-await -- a fake answers at once, in the shape of what waits */
import { MockActivityEnvironment } from '@temporalio/testing'

import type { Dependencies } from '../../src/activities/dependencies'
import type { Alert, ImageChange, JobSpec, JobState, Kubernetes, PatchOptions } from '../../src/clients/contracts'
import { parseConfig } from '../../src/config'
import { rightWords } from '../../src/domain/permissions'
import type { ImageContract } from '../../src/domain/image-contract'
import type { Diagnosis, PodEvent } from '../../src/domain/diagnosis'
import type { Plan } from '../../src/domain/plan'
import type { RolloutObservation } from '../../src/domain/rollout'
import type { Neighbour } from '../../src/domain/rollout-environment'
import type { Service } from '../../src/domain/service'
import type { Surroundings } from '../../src/domain/surroundings'
import type { Outcome } from '../../src/domain/status'
import type { ImageSnapshot, Store, UpgradeEvent, UpgradeRow } from '../../src/store/contracts'
import { contract, digest, observation, planOf, policy, service } from '../domain/fixtures'

export const key = { upgradeId: 'abcdef123456-1', planHash: 'abcdef123456' }
export const workload = { kind: 'Deployment' as const, name: 'ledger-api', uid: 'uid-api' }

/** What the fakes were told, in order, and what they answer; a test replaces what its case is about. */
export interface World {
  plan: Plan
  service: Service | undefined
  digestNow: string | undefined
  /** of the tag that ran before */
  fromDigestNow: string | undefined
  surroundings: Surroundings
  /** whether this right is lacking */
  denied: (right: string) => boolean
  contracts: (digest: string) => ImageContract | undefined
  job: JobState
  jobLog: string
  observe: (name: string) => Promise<RolloutObservation> | RolloutObservation
  answer: (pod: string) => Promise<{ status: number; body: string }> | { status: number; body: string }
  neighbours: Neighbour[]
  patch: (changes: ImageChange[], options: PatchOptions) => Promise<{ changed: boolean }>
  calls: string[]
  patches: ImageChange[][]
  options: PatchOptions[]
  outcome: Outcome | null
  jobs: JobSpec[]
  events: Map<string, UpgradeEvent>
  snapshots: ImageSnapshot[]
  jobLogs: { step: string; log: string }[]
  podLog: (pod: string, previous: boolean) => Promise<string> | string
  warnings: PodEvent[]
  diagnoses: Diagnosis[]
  alerts: Alert[]
  deps: Dependencies
}

export function world(more: Partial<World> = {}): World {
  const fake: World = {
    plan: planOf(),
    service: service(),
    digestNow: digest('b'),
    fromDigestNow: digest('a'),
    surroundings: { settings: [], unread: [] },
    denied: () => false,
    contracts: () => contract(),
    job: { kind: 'succeeded' },
    jobLog: 'Batch 1 run: 3 migrations',
    observe: () => observation(),
    answer: () => ({ status: 200, body: '{"status":"OK"}' }),
    neighbours: [],
    patch: async () => ({ changed: true }),
    calls: [],
    patches: [],
    options: [],
    outcome: null,
    jobs: [],
    events: new Map(),
    snapshots: [],
    jobLogs: [],
    podLog: () => '',
    warnings: [],
    diagnoses: [],
    alerts: [],
    deps: undefined as unknown as Dependencies,
    ...more,
  }
  fake.deps = dependencies(fake)
  return fake
}

function dependencies(fake: World): Dependencies {
  const { calls, events } = fake
  const config = parseConfig({
    name: 'refit.yaml',
    env: {},
    text: 'hub: { name: green-hub, environment: test }\npolicies: [{ name: x, select: { namespaces: [hub], images: ["*"] } }]\n',
  })
  const kubernetes: Partial<Kubernetes> = {
    observeServices: async () => (fake.service ? [fake.service] : []),
    surroundings: async () => fake.surroundings,
    denied: async (_namespace, rights) => rights.filter((right) => fake.denied(rightWords(right))),
    nodePlatforms: async () => undefined,
    observeRollout: async (_namespace, { name }) => fake.observe(name),
    followRollout: (namespace, each) => ({
      look: (signal) => fake.deps.kubernetes.observeRollout(namespace, each, signal),
      lookDirectly: (signal) => fake.deps.kubernetes.observeRollout(namespace, each, signal),
      changed: () => new Promise(() => undefined),
      end: () => undefined,
    }),
    neighbours: async () => fake.neighbours,
    patchImages: async (_namespace, { name }, changes, options = {}) => {
      calls.push(`patch ${name}`)
      fake.patches.push(changes)
      fake.options.push(options)
      return fake.patch(changes, options)
    },
    deletePod: async (_namespace, pod, uid) => void calls.push(`delete pod ${pod} ${uid}`),
    startJob: async (job) => {
      calls.push('start job')
      fake.jobs.push(job)
    },
    jobState: async () => fake.job,
    jobLogs: async () => fake.jobLog,
    deleteJob: async () => void calls.push('delete job'),
    podGet: async (_namespace, pod) => fake.answer(pod),
    podLog: async (_namespace, pod, { previous }) => fake.podLog(pod, previous),
    podWarnings: async () => fake.warnings,
  }
  const store = {
    turns: { call: async () => [] },
    plans: { read: async () => fake.plan },
    upgrades: {
      record: async (entry) => {
        calls.push(`record ${entry.key}`)
        const { upgradeId, phase, kind, message, tell } = entry
        if (tell) fake.alerts.push(tell.alert)
        if (!events.has(entry.key))
          events.set(entry.key, { upgradeId, at: new Date(), phase, kind, by: null, verified: false, message })
      },
      recorded: async (_id, name) => events.get(name),
      events: async () => [...events.values()],
      read: async () => ({ outcome: fake.outcome }) as UpgradeRow,
    } as Partial<Store['upgrades']>,
    snapshots: {
      read: async () => fake.snapshots,
      saveOnce: async (_id, snapshots) => {
        calls.push('snapshot')
        return (fake.snapshots = fake.snapshots.length > 0 ? fake.snapshots : snapshots)
      },
    } as Store['snapshots'],
    jobLogs: {
      save: async (_id, step, log) => {
        calls.push('keep log')
        fake.jobLogs.push({ step, log })
      },
    } as Partial<Store['jobLogs']>,
    diagnoses: {
      saveOnce: async (_id, _step, diagnosis) => void fake.diagnoses.push(diagnosis),
      list: async () => fake.diagnoses,
    } as Store['diagnoses'],
    outbox: { add: async (_targets: string[], alert: Alert) => void fake.alerts.push(alert) },
  }
  return {
    config: { ...config, hub: fake.plan.hub, policies: [policy()] },
    kubernetes,
    store,
    registry: {
      digestOf: async (_repository: string, tag: string) =>
        tag === fake.plan.to.tag ? fake.digestNow : fake.fromDigestNow,
      imageContract: async (_: string, of: string) => fake.contracts(of),
    },
    notifiers: [{ name: 'slack#1', levels: ['page', 'action'], send: async () => undefined }],
    environment: {},
  } as unknown as Dependencies
}

/** Runs one activity as a worker does. */
export const run = <A extends unknown[], R>(activity: (...args: A) => Promise<R>, ...args: A): Promise<R> =>
  new MockActivityEnvironment().run<A, R, (...args: A) => Promise<R>>(activity, ...args)
