import {
  type Client,
  ScheduleNotFoundError,
  WorkflowExecutionAlreadyStartedError,
  WorkflowFailedError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client'
import { removeSchedule } from '../clients/schedules'
import { searchAttributes } from '../clients/temporal'
import { RefitError, sentenceOf } from '../domain/errors'
import type { UpgradeInput, UpgradeKey } from '../activities/contracts'
import type { ReleaseInput } from '../activities/release-contracts'
import type { data } from '../workflows/data'
import type { hints } from '../workflows/hints'
import type { release } from '../workflows/release'
import type { upgrade } from '../workflows/upgrade'
import { digestScheduleId, hintsWorkflowId, scanScheduleId, taskQueue, wakeSignalName } from '../domain/temporal-names'
import { hintSignal, type Receipt } from '../workflows/messages'
import type { VoteVerb } from '../store/contracts'
import { describeScan, type ScanState } from './temporal-scan'
import { describeSchedule, type ScheduleInfo, triggerSchedule, type Triggered } from './temporal-schedules'

/** What became of a message that was sent as an Update. */
export type Answer =
  | { kind: 'accepted' | 'refused'; message: string }
  /** nobody worked on it in time: it may or may not be read later */
  | { kind: 'no-answer' }
  /** the workflow doesn't run */
  | { kind: 'not-open' }

/** What operations ask of Temporal. Throws TEMPORAL_UNAVAILABLE when it can't be asked. */
export interface HubTemporal {
  readonly namespace: string
  /** An Update with a deadline; the same updateId is counted once. */
  update(
    workflowId: string,
    verb: VoteVerb,
    input: unknown,
    options: { updateId: string; deadlineMs: number },
  ): Promise<Answer>
  /** Leaves a message to be read whenever a worker is there; false when the workflow doesn't run. */
  signal(workflowId: string, verb: VoteVerb, input: unknown): Promise<boolean>
  /** Tells whoever waits there to look again; false when the workflow doesn't run. */
  wake(workflowId: string): Promise<boolean>
  /** ids of the workflows of these types that run, as the server's list has them: a moment late */
  openWorkflows(types: readonly string[]): Promise<string[]>
  /** how many workers asked task queue `refit` for work within the last 75 seconds */
  workers(): Promise<number>
  /** Triggers the scan Schedule. NO_WORKER when it doesn't exist yet. Undefined when no run showed up within ten seconds. */
  triggerScan(): Promise<Triggered | undefined>
  scanState(workflowId: string): Promise<ScanState>
  /** Has these repositories scanned soon, without the rest of the hub; what is asked at once is scanned together. */
  scanRepositories(repositories: string[]): Promise<void>
  /** Starts the workflow of a release; false when it runs already. */
  startRelease(workflowId: string, input: ReleaseInput): Promise<boolean>
  /** Starts an upgrade that a person asks for; false when one of the service runs already. */
  startUpgrade(workflowId: string, input: UpgradeInput): Promise<boolean>
  /** Starts the data workflow of an upgrade; false when one of its service runs already. */
  startData(workflowId: string, key: UpgradeKey): Promise<boolean>
  /** for `doctor`; throws TEMPORAL_UNAVAILABLE also when the namespace is missing */
  check(): Promise<{
    missingSearchAttributes: string[]
    /** when a worker asked for work last, by the server's clock; null when none did lately */
    lastPollAt: Date | null
  }>
  /** the scan's and the digest's, also where they are missing */
  schedules(): Promise<ScheduleInfo[]>
  /** As triggerScan, of any Schedule. */
  triggerSchedule(id: string): Promise<Triggered | undefined>
  /** NO_WORKER when it doesn't exist. */
  pauseSchedule(id: string, note: string): Promise<void>
  /** NO_WORKER when it doesn't exist. */
  resumeSchedule(id: string, note: string): Promise<void>
  /** false when there was none */
  removeSchedule(id: string): Promise<boolean>
}

/** Long polls last a minute: who hasn't asked for longer is gone. */
const pollFreshMs = 75_000

/** The hub's namespace as operations see it. The caller closes the client's connection. */
export function hubTemporal(client: Client): HubTemporal {
  const namespace = client.options.namespace
  return {
    namespace,
    update: (workflowId, verb, input, options) => sendUpdate(client, workflowId, verb, input, options),
    signal: (workflowId, verb, input) => leave(client, workflowId, verb, [input]),
    wake: (workflowId) => leave(client, workflowId, wakeSignalName, []),
    openWorkflows: (types) =>
      asking('the open workflows could not be listed', async () => {
        const names = types.map((type) => `'${type}'`).join(', ')
        const ids: string[] = []
        for await (const { workflowId } of client.workflow.list({
          query: `WorkflowType IN (${names}) AND ExecutionStatus = 'Running'`,
        }))
          ids.push(workflowId)
        return ids
      }),
    workers: () =>
      asking('task queue refit could not be described', async () => {
        const since = Date.now() - pollFreshMs
        return (await pollsOf(client)).filter((at) => at > since).length
      }),
    triggerScan: () =>
      asking('the scan could not be triggered', () => triggerSchedule(client.schedule.getHandle(scanScheduleId))),
    schedules: () =>
      asking('the Schedules could not be described', () =>
        Promise.all([scanScheduleId, digestScheduleId].map((id) => describeSchedule(client, id))),
      ),
    triggerSchedule: (id) =>
      asking(`Schedule ${id} could not be triggered`, () => triggerSchedule(client.schedule.getHandle(id)), id),
    pauseSchedule: (id, note) =>
      asking(`Schedule ${id} could not be paused`, () => client.schedule.getHandle(id).pause(note), id),
    resumeSchedule: (id, note) =>
      asking(`Schedule ${id} could not be resumed`, () => client.schedule.getHandle(id).unpause(note), id),
    removeSchedule: (id) => asking(`Schedule ${id} could not be removed`, () => removeSchedule(client, id), id),
    scanState: (workflowId) => asking(`${workflowId} could not be described`, () => describeScan(client, workflowId)),
    scanRepositories: (repositories) =>
      asking('the repositories could not be left for a scan', async () => {
        // One workflow gathers all hints: the signal reaches it whether or not it runs.
        await client.workflow.signalWithStart<typeof hints, [unknown]>('hints', {
          workflowId: hintsWorkflowId,
          taskQueue,
          args: [],
          signal: hintSignal,
          signalArgs: [repositories],
        })
      }),
    startRelease: (workflowId, input) =>
      asking(`release ${input.release} could not be started`, () => {
        const staticSummary = `release ${input.release}`
        const options = { workflowId, taskQueue, staticSummary, args: [input] as [ReleaseInput] }
        return unlessRunning(() => client.workflow.start<typeof release>('release', options))
      }),
    startUpgrade: (workflowId, input) =>
      asking(`${workflowId} could not be started`, () => {
        const what = input.rollbackOf ? 'rolls back' : 'goes on'
        const staticSummary = `${input.namespace}/${input.service} ${what} to ${input.candidate.tag}`
        const options = { workflowId, taskQueue, staticSummary, args: [input] as [UpgradeInput] }
        return unlessRunning(() => client.workflow.start<typeof upgrade>('upgrade', options))
      }),
    startData: (workflowId, key) =>
      asking(`${workflowId} could not be started`, () => {
        const staticSummary = `backfill and contract of ${key.upgradeId}`
        const options = { workflowId, taskQueue, staticSummary, args: [key] as [UpgradeKey] }
        return unlessRunning(() => client.workflow.start<typeof data>('data', options))
      }),
    check: () => asking(`namespace ${namespace} could not be read`, () => checkNamespace(client)),
  }
}

/** Whether it was started; a workflow that runs already is left alone. */
async function unlessRunning(start: () => Promise<unknown>): Promise<boolean> {
  try {
    await start()
    return true
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return false
    throw error
  }
}

async function leave(client: Client, workflowId: string, name: string, args: unknown[]): Promise<boolean> {
  try {
    await client.workflow.getHandle(workflowId).signal(name, ...args)
    return true
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false
    throw unavailable(`${name} could not be left for ${workflowId}`, error)
  }
}

async function sendUpdate(
  client: Client,
  workflowId: string,
  verb: VoteVerb,
  input: unknown,
  { updateId, deadlineMs }: { updateId: string; deadlineMs: number },
): Promise<Answer> {
  try {
    const receipt = await client.withDeadline(Date.now() + deadlineMs, () =>
      client.workflow.getHandle(workflowId).executeUpdate<Receipt, [unknown]>(verb, { args: [input], updateId }),
    )
    return { kind: receipt.accepted ? 'accepted' : 'refused', message: receipt.message }
  } catch (error) {
    if (error instanceof WorkflowUpdateFailedError)
      return { kind: 'refused', message: sentenceOf(error.cause ?? error) }
    if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError) return { kind: 'no-answer' }
    if (error instanceof WorkflowNotFoundError) return { kind: 'not-open' }
    if (error instanceof RefitError) throw error
    throw unavailable(`${verb} could not be sent to ${workflowId}`, error)
  }
}

/** When each worker asked for work last, in epoch ms of the server's clock. */
async function pollsOf(client: Client): Promise<number[]> {
  const workflowTasks = 1 // temporal.api.enums.v1.TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW
  const { pollers } = await client.workflowService.describeTaskQueue({
    namespace: client.options.namespace,
    taskQueue: { name: taskQueue },
    taskQueueType: workflowTasks,
  })
  return (pollers ?? []).map(({ lastAccessTime }) => Number(lastAccessTime?.seconds ?? 0) * 1_000)
}

async function checkNamespace(client: Client) {
  const namespace = client.options.namespace
  await client.workflowService.describeNamespace({ namespace })
  const { customAttributes } = await client.connection.operatorService.listSearchAttributes({ namespace })
  const missingSearchAttributes = searchAttributes.filter((name) => !(customAttributes && name in customAttributes))
  const polls = await pollsOf(client)
  return { missingSearchAttributes, lastPollAt: polls.length > 0 ? new Date(Math.max(...polls)) : null }
}

async function asking<T>(what: string, ask: () => Promise<T>, scheduleId = scanScheduleId): Promise<T> {
  try {
    return await ask()
  } catch (error) {
    if (error instanceof RefitError) throw error
    if (error instanceof ScheduleNotFoundError)
      throw new RefitError(
        'NO_WORKER',
        `The Schedule ${scheduleId} is not there yet; a worker creates it when it starts${scheduleId === digestScheduleId ? ', where refit.yaml has digestAt' : ''}.`,
        'Start one: refit worker.',
        { cause: error },
      )
    throw unavailable(what, error)
  }
}

/** gRPC hides its words in the cause of the SDK's error. */
function unavailable(what: string, error: unknown): RefitError {
  const cause = error instanceof Error && error.cause && !(error instanceof WorkflowFailedError) ? error.cause : error
  return new RefitError(
    'TEMPORAL_UNAVAILABLE',
    `Temporal: ${what} (${sentenceOf(cause).split('\n')[0]}).`,
    'Run refit doctor.',
    { cause: error },
  )
}
