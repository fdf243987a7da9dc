import {
  Client,
  Connection,
  isGrpcServiceError,
  type WorkflowExecutionDescription,
  WorkflowNotFoundError,
} from '@temporalio/client'
import { loadClientConnectConfig } from '@temporalio/envconfig'
import { defineSearchAttributeKey, type PayloadCodec, SearchAttributeType } from '@temporalio/common'
import { NativeConnection } from '@temporalio/worker'
import { encryptionKeysOf } from '../config/encryption-keys'
import { RefitError, sentenceOf } from '../domain/errors'
import { hintSignalName, hintsWorkflowId, taskQueue } from '../domain/temporal-names'
import { releaseMemo } from '../domain/temporal-names'
import { tracing } from '../tracing'
import { createCodec } from './encryption'

const connectTimeoutMs = 10_000

/**
 * Where Temporal is: the same variables and profile file as the `temporal` CLI (TEMPORAL_ADDRESS, TEMPORAL_PROFILE, …).
 * CONFIG_INVALID when there is no such profile, or the file is wrong.
 */
export function temporalSettings(env: NodeJS.ProcessEnv) {
  const { connectionOptions, namespace } = read(env)
  const address = connectionOptions.address ?? 'localhost:7233'
  return { connectionOptions: { ...connectionOptions, address }, namespace: namespace ?? 'default' }
}

function read(env: NodeJS.ProcessEnv) {
  try {
    return loadClientConnectConfig({ overrideEnvVars: definedOf(env) })
  } catch (error) {
    throw new RefitError(
      'CONFIG_INVALID',
      `The profile of Temporal${env.TEMPORAL_PROFILE ? ` ${env.TEMPORAL_PROFILE}` : ''} can't be read (${sentenceOf(error).split('\n')[0]}).`,
      'temporal config list shows the profiles that there are; TEMPORAL_PROFILE names one.',
      { cause: error },
    )
  }
}

const definedOf = (env: NodeJS.ProcessEnv): Record<string, string> =>
  Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined))

/**
 * A client of the hub's namespace; close its connection when done. Throws TEMPORAL_UNAVAILABLE, and CONFIG_INVALID for keys
 * that are none.
 */
export async function connectTemporal(env: NodeJS.ProcessEnv): Promise<Client> {
  const { connectionOptions, namespace } = temporalSettings(env)
  const dataConverter = { payloadCodecs: [createCodec(encryptionKeysOf(env), 'refuse')] }
  try {
    const connection = await Connection.connect({ ...connectionOptions, connectTimeout: connectTimeoutMs })
    return new Client({ connection, namespace, dataConverter, interceptors: tracing().client })
  } catch (error) {
    throw unavailable(connectionOptions.address, error)
  }
}

/** The worker's own connection, and how it encrypts. */
export interface WorkerConnection {
  connection: NativeConnection
  namespace: string
  encryption: { isOn: boolean; payloadCodecs: PayloadCodec[] }
}

/** Throws TEMPORAL_UNAVAILABLE, and CONFIG_INVALID for keys that are none. */
export async function connectWorker(env: NodeJS.ProcessEnv): Promise<WorkerConnection> {
  const { connectionOptions, namespace } = temporalSettings(env)
  const keys = encryptionKeysOf(env)
  const encryption = { isOn: keys.size > 0, payloadCodecs: [createCodec(keys, 'messages')] }
  try {
    return { connection: await NativeConnection.connect(connectionOptions), namespace, encryption }
  } catch (error) {
    throw unavailable(connectionOptions.address, error)
  }
}

const unavailable = (address: string, cause: unknown): RefitError =>
  new RefitError(
    'TEMPORAL_UNAVAILABLE',
    `Temporal can't be reached at ${address} (${sentenceOf(cause).split('\n')[0]}).`,
    'Set TEMPORAL_ADDRESS or TEMPORAL_PROFILE; to try things, temporal server start-dev --db-filename temporal.db starts one.',
    { cause },
  )

async function listAttributes(client: Client) {
  const { namespace } = client.options
  try {
    return (await client.connection.operatorService.listSearchAttributes({ namespace })).customAttributes
  } catch (error) {
    if (isGrpcServiceError(error)) throw noNamespace(namespace, error)
    throw error
  }
}

const noNamespace = (namespace: string, cause: Error & { details?: string }): RefitError =>
  new RefitError(
    'TEMPORAL_UNAVAILABLE',
    `Temporal's namespace ${namespace} can't be read (${cause.details ?? cause.message}).`,
    `Set TEMPORAL_NAMESPACE, or create it: temporal operator namespace create --namespace ${namespace}`,
    { cause },
  )

/** What activities ask of Temporal: which workflows are still open. */
export interface OpenWorkflows {
  isOpen(workflowId: string): Promise<boolean>
  /** Ids of this type that run, as the server's list has them: a moment late, but thousands in one question. */
  listed(workflowType: string): Promise<ReadonlySet<string>>
  /** Has these repositories scanned soon, without the rest of the hub. */
  scanSoon(repositories: string[]): Promise<void>
  /** Undefined when none is open under this id; `release` is the release that started it. */
  openOf(workflowId: string): Promise<{ release?: string } | undefined>
  /** How far an upgrade is that runs, as it shows it; undefined when none is open under this id. */
  waitingOf(workflowId: string): Promise<{ phase: string } | undefined>
  /** Leaves a signal; nothing happens where none is open. */
  signal(workflowId: string, name: string, input: unknown): Promise<void>
  /** Requests cancellation; nothing happens where none is open. */
  cancel(workflowId: string): Promise<void>
}

const pageSize = 1_000

const phaseKey = defineSearchAttributeKey('RefitPhase', SearchAttributeType.KEYWORD)

export function openWorkflows(client: Client): OpenWorkflows {
  /** As the server describes it; undefined when none is open under this id. */
  async function running(workflowId: string): Promise<WorkflowExecutionDescription | undefined> {
    try {
      const found = await client.workflow.getHandle(workflowId).describe()
      return found.status.name === 'RUNNING' ? found : undefined
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return undefined
      throw unanswered(`did not describe ${workflowId}`, error)
    }
  }
  return {
    async scanSoon(repositories) {
      // One workflow gathers all hints: the signal reaches it whether or not it runs.
      const hint = { signal: hintSignalName, signalArgs: [repositories] }
      await client.workflow.signalWithStart('hints', { workflowId: hintsWorkflowId, taskQueue, args: [], ...hint })
    },
    async listed(workflowType) {
      const ids = new Set<string>()
      try {
        const query = `WorkflowType = '${workflowType}' AND ExecutionStatus = 'Running'`
        for await (const { workflowId } of client.workflow.list({ query, pageSize })) ids.add(workflowId)
        return ids
      } catch (error) {
        throw new RefitError('TEMPORAL_UNAVAILABLE', 'Temporal did not list what runs.', 'It is tried again.', {
          cause: error,
        })
      }
    },
    isOpen: async (workflowId) => (await running(workflowId)) !== undefined,
    async openOf(workflowId) {
      const found = await running(workflowId)
      const release = found?.memo?.[releaseMemo]
      return found && (typeof release === 'string' ? { release } : {})
    },
    async waitingOf(workflowId) {
      const found = await running(workflowId)
      return found && { phase: found.typedSearchAttributes.get(phaseKey) ?? '' }
    },
    signal: (workflowId, name, input) =>
      ifOpen(`did not take a ${name} for ${workflowId}`, () =>
        client.workflow.getHandle(workflowId).signal(name, input),
      ),
    cancel: (workflowId) =>
      ifOpen(`did not cancel ${workflowId}`, async () => void (await client.workflow.getHandle(workflowId).cancel())),
  }
}

async function ifOpen(what: string, ask: () => Promise<void>): Promise<void> {
  try {
    await ask()
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw unanswered(what, error)
  }
}

const unanswered = (what: string, cause: unknown): RefitError =>
  new RefitError('TEMPORAL_UNAVAILABLE', `Temporal ${what}.`, 'It is tried again.', { cause })

/** Attributes that `temporal workflow list --query` and the Web UI can filter by. */
export const searchAttributes = [
  'RefitService',
  'RefitNamespace',
  'RefitPhase',
  'RefitFrom',
  'RefitTo',
  'RefitWaitingFor',
] as const

/** Registers them unless they are there; starting a workflow with an unknown one would fail. TEMPORAL_UNAVAILABLE without the namespace. */
export async function registerSearchAttributes(client: Client): Promise<void> {
  const customAttributes = await listAttributes(client)
  const missing = searchAttributes.filter((name) => !(customAttributes && name in customAttributes))
  if (missing.length > 0) await addSearchAttributes(client, missing)
}

/** Adds keyword attributes; one that is there already is fine, because two workers may start at once. */
export async function addSearchAttributes(client: Client, names: readonly string[] = searchAttributes): Promise<void> {
  const keyword = 2 // temporal.api.enums.v1.IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD
  try {
    await client.connection.operatorService.addSearchAttributes({
      namespace: client.options.namespace,
      searchAttributes: Object.fromEntries(names.map((name) => [name, keyword])),
    })
  } catch (error) {
    if (!/already exist/i.test(sentenceOf(error))) throw error
  }
}
