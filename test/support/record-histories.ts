/**
 * Records the histories that test/workflows/replay.test.ts replays: the real workflow code with scripted activities, on a
 * real Temporal dev server. They go to the folder of package.json's version, because they are what a worker of that version
 * leaves behind. docs/upgrading-refit.md says when to record, and when a folder may go.
 *
 *     npx tsx test/support/record-histories.ts [name…]
 */
import { randomUUID } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Context } from '@temporalio/activity'
import { Client, Connection, type WorkflowHandle } from '@temporalio/client'
import { NativeConnection, Runtime, Worker } from '@temporalio/worker'
import type { Activities } from '../../src/activities'
import { version } from '../../src/cli/version'
import { addSearchAttributes } from '../../src/clients/temporal'
import {
  dataWorkflowId,
  digestScheduleId,
  hintedScanId,
  hintsWorkflowId,
  releaseWorkflowId,
  upgradeWorkflowId,
} from '../../src/domain/temporal-names'
import {
  abortSignal,
  approveSignal,
  approveUpdate,
  dataStatusQuery,
  hintSignal,
  rejectSignal,
  releaseStatusQuery,
  statusQuery,
  supersedeSignal,
} from '../../src/workflows/messages'
import type { PlannedData } from '../../src/activities/data-contracts'
import type { PlannedRelease } from '../../src/activities/release-contracts'
import type { data } from '../../src/workflows/data'
import type { release } from '../../src/workflows/release'
import type { upgrade } from '../../src/workflows/upgrade'
import type { DataStatus } from '../../src/domain/data-status'
import type { UpgradeStatus } from '../../src/domain/status'
import { runCommand } from '../../demo/refit'
import { down, up } from '../../stack'
import { batchesOf } from './scan-scenario'
import { planWith, votingActivities } from './vote-scenario'
import {
  failed,
  healthy,
  input,
  planned,
  plannedData,
  reaches,
  scriptedActivities,
  workflowBundle,
  yes,
} from './upgrade-scenario'

type Handle = WorkflowHandle<typeof upgrade>

interface Recording {
  script?: Partial<Activities>
  /** `upgrade` unless told otherwise */
  workflow?: 'upgrade' | 'scan' | 'data' | 'digest' | 'hints' | 'release'
  act?: (handle: Handle) => Promise<unknown>
  /** also the history of this workflow, which the recorded one starts */
  child?: string
  /** it continues as new: also the history of its first run */
  firstRun?: boolean
}

const key = { upgradeId: planned.upgradeId, planHash: planned.planHash }
const other = { tag: 'v1.0.2', digest: `sha256:${'2'.repeat(64)}` }
const approves = async (handle: Handle): Promise<void> => {
  await reaches(handle, 'approval')
  await handle.signal(approveSignal, yes)
}
/** Its approval expires soon. */
const hasty: PlannedData = {
  ...plannedData,
  rules: { ...plannedData.rules, approval: { ...plannedData.rules.approval, expiresMs: 500 } },
}
const withData = { ...planned, hasDataPhases: true }
const untilCancelled = async (): Promise<never> => {
  for (;;) {
    Context.current().heartbeat()
    await Context.current().sleep(50)
  }
}

/** Two of a group, asked once more before it expires; a snooze, a withdrawal, a forged vote and one sent twice. */
function votes(): Recording {
  const plan = planWith(
    { required: 2, groups: ['tech-ops'], escalateMs: 60_000, expiresMs: 61_000 },
    { expiresMs: 61_000 },
  )
  const window = opensIn(4_000)
  const { activities, cast } = votingActivities(plan, { window })
  const member = { groups: ['tech-ops'] }
  return {
    script: activities,
    act: async (handle) => {
      await reaches(handle, 'approval')
      const ann = cast('ann', 'approve', member)
      await handle.signal('approve', ann)
      await handle.executeUpdate('approve', { args: [ann] })
      await handle.executeUpdate('approve', { args: [{ ...ann, vote: 'made-up' }] })
      await handle.executeUpdate('snooze', { args: [cast('cid', 'snooze', { until: Date.now() + 1_500 })] })
      await until(handle, ({ approval }) => approval?.snoozed === undefined)
      await new Promise((resolve) => setTimeout(resolve, 1_500))
      await handle.executeUpdate('approve', { args: [cast('bob', 'approve', member)] })
      await reaches(handle, 'window')
      await handle.executeUpdate('withdraw', { args: [cast('bob', 'withdraw')] })
      await reaches(handle, 'approval')
      await handle.executeUpdate('approve', { args: [cast('cid', 'approve', member)] })
    },
  }
}

/** Half way a pause and then a freeze hold it. */
function heldHalfWay(): Recording {
  let isFrozen = true
  const { activities, cast, calls } = votingActivities(planWith())
  activities.window = ({ underway }) =>
    Promise.resolve(
      underway && isFrozen && calls.includes('rollout ledger')
        ? { kind: 'closed', opensAt: null, because: 'freeze by ops: month end' }
        : { kind: 'open' },
    )
  return {
    script: activities,
    act: async (handle) => {
      await reaches(handle, 'approval')
      await handle.signal('pause', { by: 'eve' })
      await handle.executeUpdate('approve', { args: [cast('ann', 'approve')] })
      await until(handle, ({ waitingFor }) => waitingFor.includes('paused by eve'))
      await handle.executeUpdate('resume', { args: [cast('ann', 'resume')] })
      await until(handle, ({ waitingFor }) => waitingFor.includes('freeze'))
      isFrozen = false
      await handle.signal('wake')
    },
  }
}

async function until(handle: Handle, isSo: (status: UpgradeStatus) => boolean): Promise<void> {
  while (!isSo(await handle.query(statusQuery))) await new Promise((resolve) => setTimeout(resolve, 50))
}

const recordings: Record<string, Recording> = {
  votes: votes(),
  'held-half-way': heldHalfWay(),
  succeeded: { act: approves },
  'succeeded-by-update-after-refusals': {
    act: async (handle) => {
      await handle.signal('approve', 'yes please')
      await reaches(handle, 'approval')
      await handle.signal(approveSignal, { ...yes, planHash: 'ffffffffffff' })
      await handle.executeUpdate(approveUpdate, { args: [yes] })
    },
  },
  'succeeded-with-data': {
    script: { plan: () => Promise.resolve({ kind: 'planned', plan: withData }) },
    act: approves,
    child: dataWorkflowId(input.namespace, input.service),
  },
  'rolled-back-in-a-stage': {
    script: {
      plan: () => Promise.resolve({ kind: 'planned', plan: { ...planned, stages: ['canary', '50 %'] } }),
      bake: ({ stage }) => Promise.resolve(stage === 1 ? failed('pod says DOWN') : healthy),
    },
    act: approves,
  },
  'rolled-back-after-bake': {
    script: { bake: () => Promise.resolve(failed('ledger-1: /health says DOWN')) },
    act: approves,
  },
  'refused-at-preflight': {
    script: { preflight: () => Promise.resolve({ kind: 'refused', reason: 'v1.0.1 was pushed again' }) },
    act: approves,
  },
  rejected: {
    act: (handle) =>
      reaches(handle, 'approval').then(() => handle.signal(rejectSignal, { ...yes, reason: 'month end' })),
  },
  'aborted-in-rollout': {
    script: { rollout: untilCancelled },
    act: async (handle) => {
      await approves(handle)
      await reaches(handle, 'rollout')
      await handle.signal(abortSignal, { by: 'ana', reason: 'smoke' })
    },
  },
  superseded: {
    act: (handle) => reaches(handle, 'approval').then(() => handle.signal(supersedeSignal, other)),
  },
  expired: {
    script: {
      plan: () => Promise.resolve({ kind: 'planned', plan: { ...planned, expiresMs: 500 } }),
    },
  },
  'up-to-date': { script: { plan: () => Promise.resolve({ kind: 'up-to-date', reason: 'v1.0.1 runs already' }) } },
  'waits-for-its-window': { script: { window: opensIn(1_500) }, act: approves },
  held: {
    script: { bake: () => Promise.resolve({ kind: 'unknown', reason: 'blind', sentence: 'nobody can tell' }) },
    act: approves,
  },
  'held-by-a-failed-undo': {
    script: {
      bake: () => Promise.resolve(failed('sick')),
      rollback: () => Promise.resolve(failed('the old pods do not start')),
    },
    act: approves,
  },
  // scan-starts-a-child and scan-of-nothing are of builds before scans went in batches: they can't be recorded again.
  'scan-in-batches': {
    workflow: 'scan',
    script: {
      observe: () => Promise.resolve({ startedAt: 0, batches: batchesOf(['a', 'b', '', 'a']) }),
      concludeScan: () => Promise.resolve({ complete: true, summary: '1 candidate', start: [input] }),
    },
  },
  'scan-continued': {
    workflow: 'scan',
    firstRun: true,
    script: { observe: () => Promise.resolve({ startedAt: 0, batches: batchesOf(hostNames(102)) }) },
  },
  hints: {
    workflow: 'hints',
    script: { observe: () => Promise.resolve({ startedAt: 0, batches: batchesOf(['a']) }) },
    act: async (handle) => {
      for (const sent of [['a/hub/ledger'], null, ['a/hub/quoting', 7]]) await handle.signal(hintSignal, sent)
    },
    child: hintedScanId,
  },
  digest: { workflow: 'digest' },
  'release-succeeded': {
    workflow: 'release',
    script: releaseScript(),
    act: (handle) => approvesRelease(handle as unknown as ReleaseHandle),
    child: upgradeWorkflowId(input.namespace, input.service),
  },
  'release-put-back': {
    workflow: 'release',
    script: {
      ...releaseScript(),
      watchUpgrade: () => Promise.resolve({ kind: 'failed', message: 'quoting never got ready' }),
      begunServices: () => Promise.resolve([{ namespace: input.namespace, service: input.service }]),
    },
    act: (handle) => approvesRelease(handle as unknown as ReleaseHandle),
  },
  'release-aborted': {
    workflow: 'release',
    script: { ...releaseScript(), watchUpgrade: untilCancelled },
    act: async (handle) => {
      await approvesRelease(handle as unknown as ReleaseHandle)
      await releaseReaches(handle as unknown as ReleaseHandle, 'rollout')
      await handle.signal(abortSignal, { by: 'ana', reason: 'smoke' })
    },
  },
  'release-rejected': {
    workflow: 'release',
    script: releaseScript(),
    act: async (handle) => {
      await releaseReaches(handle as unknown as ReleaseHandle, 'approval')
      await handle.signal(rejectSignal, { ...yes, reason: 'month end' })
    },
  },
  'release-expired': { workflow: 'release', script: releaseScript({ expiresMs: 500 }) },
  'release-held': {
    workflow: 'release',
    script: {
      ...releaseScript({ onFailure: 'hold' }),
      watchUpgrade: () => Promise.resolve({ kind: 'failed', message: 'quoting never got ready' }),
    },
    act: (handle) => approvesRelease(handle as unknown as ReleaseHandle),
  },
  'release-refused': {
    workflow: 'release',
    script: { planRelease: () => Promise.resolve({ kind: 'refused', reason: 'hub/quoting is not deployed' }) },
  },
  'release-up-to-date': {
    workflow: 'release',
    script: { planRelease: () => Promise.resolve({ kind: 'up-to-date', reason: 'all of it runs' }) },
  },
  // succeeded-with-data-child and data-held are of builds before data workflows had a desk: they can't be recorded again.
  'data-contracted': dataContracted(),
  'data-stopped': {
    workflow: 'data',
    script: { contract: () => Promise.resolve(failed('a null in quoteId')) },
    act: (handle) => approvesContract(handle as unknown as DataHandle),
  },
  'data-rejected': {
    workflow: 'data',
    act: async (handle) => {
      const its = handle as unknown as DataHandle
      await dataUntil(its, ({ phase }) => phase === 'approval')
      await its.signal('reject', { ...yes, reason: 'month end' })
    },
  },
  'data-aborted': {
    workflow: 'data',
    act: async (handle) => {
      const its = handle as unknown as DataHandle
      await dataUntil(its, ({ phase }) => phase === 'approval')
      await its.signal('abort', { by: 'ana', reason: 'smoke' })
    },
  },
  'data-expired': {
    workflow: 'data',
    script: { openData: () => Promise.resolve(hasty) },
  },
  'backfill-before': {
    script: {
      plan: () =>
        Promise.resolve({
          kind: 'planned',
          plan: { ...withData, before: [{ index: 0, title: 'backfill migrations/ledger' }] },
        }),
      dataLeft: () => Promise.resolve({ start: false }),
    },
    act: approves,
  },
}

function opensIn(ms: number): Activities['window'] {
  let opensAt: number | undefined
  return ({ now }) => {
    opensAt ??= now + ms
    return Promise.resolve(now >= opensAt ? { kind: 'open' } : { kind: 'closed', opensAt, because: 'window' })
  }
}

type DataHandle = WorkflowHandle<typeof data>

/** Paused and resumed in its backfill, refused once, approved, held by a user of the schema, contracted. */
function dataContracted(): Recording {
  let pieces = 0
  let looks = 0
  return {
    workflow: 'data',
    script: {
      backfill: async () => {
        pieces += 1
        const { cancellationSignal } = Context.current()
        while (pieces === 1 && !cancellationSignal.aborted) {
          Context.current().heartbeat()
          await new Promise((resolve) => setTimeout(resolve, 50))
        }
        return pieces < 3 ? { ...healthy, more: true } : healthy
      },
      usersOfSchema: () => Promise.resolve((looks += 1) < 2 ? ['hub/quoting (api runs v1.1.0)'] : []),
    },
    act: async (handle) => {
      const its = handle as unknown as DataHandle
      while (pieces < 1) await new Promise((resolve) => setTimeout(resolve, 50))
      await its.signal('pause', { by: 'eve', reason: 'incident 42' })
      await dataUntil(its, ({ waitingFor }) => waitingFor.includes('paused by eve'))
      await its.executeUpdate('resume', { args: [yes] })
      await dataUntil(its, ({ phase }) => phase === 'approval')
      await its.signal('approve', { ...yes, planHash: 'ffffffffffff' })
      await its.executeUpdate('approve', { args: [yes] })
      await dataUntil(its, ({ phase }) => phase === 'window')
      await its.signal('wake', null)
    },
  }
}

async function approvesContract(handle: DataHandle): Promise<void> {
  await dataUntil(handle, ({ phase }) => phase === 'approval')
  await handle.signal('approve', yes)
}

async function dataUntil(handle: DataHandle, isSo: (status: DataStatus) => boolean): Promise<void> {
  while (!isSo(await handle.query(dataStatusQuery))) await new Promise((resolve) => setTimeout(resolve, 50))
}

type ReleaseHandle = WorkflowHandle<typeof release>

function releaseScript({
  expiresMs = 3_600_000,
  onFailure = 'rollback',
}: { expiresMs?: number; onFailure?: PlannedRelease['onFailure'] } = {}): Partial<Activities> {
  const { namespace, service, candidate } = input
  const rules = { required: 1, expiresMs, escalateMs: 0, makerChecker: false, groups: [] }
  const plan: PlannedRelease = {
    ...{ planHash: planned.planHash, approvalRequired: true, approved: false, begun: false, onFailure },
    rules: { ...rules, unverified: 'accept' },
    waves: [[{ namespace, service, from: 'v1.0.0', candidate }]],
  }
  return {
    plan: () => Promise.resolve({ kind: 'planned', plan: { ...planned, approvalRequired: false } }),
    planRelease: () => Promise.resolve({ kind: 'planned', plan }),
    beginWave: ({ wave }) => Promise.resolve({ kind: 'go', start: wave === 0 ? [{ namespace, service }] : [] }),
  }
}

async function releaseReaches(handle: ReleaseHandle, phase: string): Promise<void> {
  for (;;) {
    const status = await handle.query(releaseStatusQuery)
    if (status.phase === phase || status.outcome) return
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
}

async function approvesRelease(handle: ReleaseHandle): Promise<void> {
  await releaseReaches(handle, 'approval')
  await handle.signal(approveSignal, yes)
}

const hostNames = (count: number): string[] => Array.from({ length: count }, (_, i) => `host-${i}`)

const argsOf = {
  upgrade: [input],
  scan: [],
  data: [key],
  digest: [],
  hints: [],
  release: [{ release: '1.1.0', releaseId: 'r-1' }],
}
const idOf = {
  upgrade: upgradeWorkflowId(input.namespace, input.service),
  scan: 'refit/scan',
  data: dataWorkflowId(input.namespace, input.service),
  digest: digestScheduleId,
  hints: hintsWorkflowId,
  release: releaseWorkflowId('1.1.0'),
}

async function main(only: string[]): Promise<void> {
  Runtime.install({ logger: { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} } })
  const name = `record-histories-${process.pid}`
  const stack = await up({ name, node: 'simulated', parts: ['temporal'], yes: true })
  const connection = await Connection.connect({ address: stack.temporal.address })
  const worker = await NativeConnection.connect({ address: stack.temporal.address })
  const client = new Client({ connection, namespace: stack.temporal.namespace })
  const folder = join(__dirname, '../histories', version())
  await mkdir(folder, { recursive: true })
  try {
    await addSearchAttributes(client)
    const save = async (file: string, workflowId: string, runId?: string): Promise<void> => {
      const run = runId === undefined ? [] : ['--run-id', runId]
      const show = ['workflow', 'show', '--workflow-id', workflowId, ...run, '--output', 'json']
      const { output } = await runCommand(
        stack.bin.temporal,
        [...show, '--address', stack.temporal.address],
        process.env,
      )
      const history: unknown = JSON.parse(output)
      await writeFile(join(folder, `${file}.json`), `${JSON.stringify({ workflowId, history }, null, 1)}\n`)
      console.log(file)
    }
    for (const [each, recording] of Object.entries(recordings))
      if (only.length === 0 || only.includes(each)) await record({ client, connection: worker, save }, each, recording)
  } finally {
    await worker.close()
    await connection.close()
    await down(name, { purge: true })
  }
}

interface Recorder {
  client: Client
  connection: NativeConnection
  save(file: string, workflowId: string, runId?: string): Promise<void>
}

async function record(
  { client, connection, save }: Recorder,
  name: string,
  { script, workflow = 'upgrade', act, child, firstRun = false }: Recording,
): Promise<void> {
  const taskQueue = randomUUID()
  const worker = await Worker.create({
    connection,
    taskQueue,
    workflowBundle: await workflowBundle(),
    activities: scriptedActivities(script).activities,
  })
  await worker.runUntil(async () => {
    const workflowId = idOf[workflow]
    const handle = await client.workflow.start(workflow, { workflowId, taskQueue, args: argsOf[workflow] })
    await act?.(handle as Handle)
    await handle.result()
    await save(name, workflowId)
    if (firstRun) await save(`${name}-first-run`, workflowId, handle.firstExecutionRunId)
    if (child) {
      await client.workflow.getHandle(child).result()
      await save(`${name}-child`, child)
    }
  })
  // What a scan starts outlives it.
  await client.workflow
    .getHandle(idOf.upgrade)
    .terminate('recorded')
    .catch(() => undefined)
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error)
  process.exitCode = 1
})
