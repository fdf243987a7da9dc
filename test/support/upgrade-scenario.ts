import { randomUUID } from 'node:crypto'
import type { WorkflowHandle } from '@temporalio/client'
import { TestWorkflowEnvironment } from '@temporalio/testing'
import { bundleWorkflowCode, Runtime, Worker, type WorkflowBundle } from '@temporalio/worker'
import type { Activities } from '../../src/activities'
import type { Entry, PlannedUpgrade, StepVerdict } from '../../src/activities/contracts'
import type { PlannedData } from '../../src/activities/data-contracts'
import { addSearchAttributes } from '../../src/clients/temporal'
import { workflowSources } from '../../src/workflow-source'
import { statusQuery } from '../../src/workflows/messages'
import type { upgrade } from '../../src/workflows/upgrade'
import { timeSkippingServer } from '../../stack'

export const healthy: StepVerdict = { kind: 'healthy', reason: 'ok', sentence: 'fine' }
export const failed = (sentence: string): StepVerdict => ({ kind: 'failed', reason: 'test', sentence })

export const planned: PlannedUpgrade = {
  upgradeId: 'abcdef123456-1',
  planHash: 'abcdef123456',
  from: 'v1.0.0',
  to: 'v1.0.1',
  digest: `sha256:${'1'.repeat(64)}`,
  approvalRequired: true,
  expiresMs: 72 * 3_600_000,
  expand: ['run migrate in v1.0.1'],
  workloads: [
    { kind: 'Deployment', name: 'ledger', uid: 'u1' },
    { kind: 'Deployment', name: 'ledger-consumer', uid: 'u2' },
  ],
  bakeMs: 60_000,
  hasDataPhases: false,
}

export const plannedData: PlannedData = {
  ...{ upgradeId: planned.upgradeId, planHash: planned.planHash, dataId: `${planned.upgradeId}/data/1` },
  ...{ namespace: 'hub', service: 'ledger', from: planned.from, to: planned.to },
  backfill: [{ index: 0, title: 'backfill migrations/ledger' }],
  contract: [{ index: 0, title: 'contract migrations/ledger' }],
  rules: {
    approval: {
      ...{ required: 1, expiresMs: 72 * 3_600_000, escalateMs: 0, unverified: 'accept', makerChecker: false },
      groups: [],
    },
  },
}

/** A person's yes to that plan. */
export const yes = { by: 'ops@example.org', planHash: planned.planHash }

/** Every activity answers well and notes its call; a test replaces what its case is about. */
export function scriptedActivities(script: Partial<Activities> = {}) {
  const calls: string[] = []
  const entries: Entry[] = []
  const note =
    <A extends unknown[], R>(name: (...args: A) => string, answer: R) =>
    (...args: A): Promise<R> => {
      calls.push(name(...args))
      return Promise.resolve(answer)
    }
  const activities: Activities = {
    observe: note(() => 'observe', { startedAt: 0, batches: [] }),
    decideBatch: note(({ position }) => `batch ${position}`, 1),
    concludeScan: note(() => 'conclude', { complete: true, summary: '', start: [] }),
    scanHub: note(() => 'scan', { complete: true, summary: '', start: [] }),
    plan: note(() => 'plan', { kind: 'planned', plan: planned }),
    planRollback: note(() => 'plan rollback', {
      kind: 'planned',
      plan: { ...planned, approvalRequired: false, goesBack: true as const },
    }),
    reopen: note(({ from }) => `reopen at ${from}`, { kind: 'planned', plan: planned }),
    window: note(() => 'window', { kind: 'open' }),
    preflight: note(() => 'preflight', { kind: 'ok' }),
    prepare: note(({ workload }) => `prepare ${workload.name}`, healthy),
    migrate: note(({ index }) => `migrate ${index}`, healthy),
    canary: note(({ workload, stage }) => `canary ${workload.name} ${stage}`, { ...healthy, holds: true as const }),
    rollout: note(({ workload }) => `rollout ${workload.name}`, healthy),
    bake: note(() => 'bake', healthy),
    rollback: note(({ workload }) => `rollback ${workload.name}`, healthy),
    diagnose: note(({ verdict }) => `diagnose ${verdict.reason}`, undefined),
    quarantine: note(() => 'quarantine', undefined),
    data: note(({ phase }) => phase, healthy),
    pageData: note(() => 'page', undefined),
    openData: note(() => 'open data', plannedData),
    dataLeft: note(() => 'data left', { start: true }),
    backfill: note(({ index }) => `backfill ${index}`, healthy),
    usersOfSchema: note(() => 'users', []),
    backupForContract: note(() => 'backup', undefined),
    contract: note(({ index }) => `contract ${index}`, healthy),
    recordData: note(({ key }) => `record data ${key}`, undefined),
    readVote: note(({ votes }) => `read ${votes.length}`, {}),
    endUnplanned: note(({ outcome }) => `unplanned ${outcome}`, undefined),
    planRelease: note(() => 'plan release', { kind: 'up-to-date', reason: 'nothing is scripted' }),
    makeRoom: note(() => 'make room', undefined),
    releaseWindow: note(() => 'release window', { kind: 'open' }),
    beginWave: note(({ wave }) => `wave ${wave}`, { kind: 'go', start: [] }),
    watchUpgrade: note(({ service }) => `watch ${service}`, { kind: 'ready' }),
    begunServices: note(() => 'begun', []),
    undoUpgrade: note(({ service }) => `undo ${service}`, { kind: 'put-back' }),
    releaseUpgrades: note(() => 'release upgrades', []),
    recordRelease: note(({ key }) => `record ${key}`, undefined),
    awaitRelease: note(() => 'await release', { kind: 'released' }),
    releaseSays: note(() => 'release says', undefined),
    digest: note(({ run }) => `digest ${run}`, { slot: '', told: true }),
    record: (entry) => {
      if (!entries.some((each) => each.key === entry.key)) entries.push(entry)
      return Promise.resolve()
    },
    ...script,
  }
  return { activities, calls, entries }
}

export interface Scenario {
  env: TestWorkflowEnvironment
  /** Runs one upgrade under these activities while `act` talks to it; returns its final status. */
  run(
    activities: Activities,
    act?: (handle: WorkflowHandle<typeof upgrade>) => Promise<unknown>,
  ): Promise<Awaited<ReturnType<typeof upgrade>>>
  start(): Promise<WorkflowHandle<typeof upgrade>>
  /** on the queue of the last run, unless told otherwise */
  worker(activities: Activities, queue?: string): Promise<Worker>
  close(): Promise<void>
}

let bundle: Promise<WorkflowBundle> | undefined
/** One bundle per test process: it takes two seconds. */
export const workflowBundle = (): Promise<WorkflowBundle> =>
  (bundle ??= bundleWorkflowCode({
    ...workflowSources,
    logger: { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} },
  }))

export const input = { namespace: 'hub', service: 'ledger', candidate: { tag: 'v1.0.1', digest: planned.digest } }

/** The real workflow code on the time-skipping server: three days pass in a second. */
export async function openScenario(): Promise<Scenario> {
  Runtime.install({ logger: { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} } })
  const env = await timeSkipping(await timeSkippingServer())
  await addSearchAttributes(env.client)
  // A queue of its own for each case: a case that fails can't answer for the next one.
  let taskQueue = randomUUID()
  const worker = async (activities: Activities, queue = taskQueue): Promise<Worker> =>
    Worker.create({
      connection: env.nativeConnection,
      taskQueue: queue,
      workflowBundle: await workflowBundle(),
      dataConverter: { payloadConverterPath: workflowSources.payloadConverterPath },
      activities,
      maxCachedWorkflows: 0,
    })
  const start = () =>
    env.client.workflow.start<typeof upgrade>('upgrade', {
      workflowId: `refit/upgrade/test/${randomUUID()}`,
      taskQueue,
      args: [input],
    })
  return {
    env,
    worker,
    start,
    async run(activities, act) {
      taskQueue = randomUUID()
      const running = await worker(activities)
      return running.runUntil(async () => {
        const handle = await start()
        await act?.(handle)
        return handle.result()
      })
    },
    close: () => env.teardown(),
  }
}

/** The SDK gives the server five seconds to start; a busy machine needs more. */
export async function timeSkipping(path: string, tries = 5): Promise<TestWorkflowEnvironment> {
  try {
    return await TestWorkflowEnvironment.createTimeSkipping({
      server: { executable: { type: 'existing-path', path } },
    })
  } catch (error) {
    if (tries <= 1) throw error
    return timeSkipping(path, tries - 1)
  }
}

/** Whether an activity is under way: the test server loses a cancellation that meets an activity's end. */
export const isBusy = async (handle: WorkflowHandle): Promise<boolean> =>
  ((await handle.describe()).raw.pendingActivities ?? []).length > 0

/** Waits for a phase by asking, never by guessing how long it takes. */
export async function reaches(handle: WorkflowHandle<typeof upgrade>, phase: string): Promise<void> {
  for (;;) {
    const status = await handle.query(statusQuery)
    if (status.phase === phase || status.outcome) return
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
}
