import { randomBytes, randomUUID } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { Client, Connection, type WorkflowHandle } from '@temporalio/client'
import { bundleWorkflowCode, NativeConnection, Runtime, Worker, type WorkflowBundle } from '@temporalio/worker'
import { runCommand } from '../../demo/refit'
import type { Activities } from '../../src/activities'
import { createCodec } from '../../src/clients/encryption'
import { addSearchAttributes } from '../../src/clients/temporal'
import { encryptionKeysOf } from '../../src/config/encryption-keys'
import { hubCodec } from '../../src/operations/codec'
import { workflowParts, workflowSources } from '../../src/workflow-source'
import { statusQuery } from '../../src/workflows/messages'
import type { upgrade } from '../../src/workflows/upgrade'
import { down, up, type Stack } from '../../stack'
import { openRealApi, realServer } from '../api/real-api'
import { failed, input, planned, reaches, scriptedActivities, yes } from '../support/upgrade-scenario'

const name = `test-codec-${process.pid}-${randomBytes(2).toString('hex')}`
const word = 'SEVENTEEN-OTTERS'
const keyOf = (id: string): string => `${id}:${Buffer.alloc(32, id).toString('base64')}`
const keys = (...ids: string[]) => encryptionKeysOf({ REFIT_ENCRYPTION_KEYS: ids.map(keyOf).join(',') })
const traits = { isTraced: false, isEncrypted: true }
let stack: Stack
let connection: Connection
let native: NativeConnection
let bundle: WorkflowBundle

beforeAll(async () => {
  const logger = { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} }
  Runtime.install({ logger })
  const progress = () => undefined
  stack = await up({ name, node: 'simulated', parts: ['temporal'], yes: true, owner: 'npm test', progress })
  const { address } = stack.temporal
  connection = await Connection.connect({ address })
  native = await NativeConnection.connect({ address })
  await addSearchAttributes(new Client({ connection }))
  bundle = await bundleWorkflowCode({ ...workflowSources, ...workflowParts(traits), logger })
})

afterAll(async () => {
  await native?.close()
  await connection?.close()
  await down(name, { purge: true, progress: () => undefined })
})

const clientOf = (...ids: string[]) =>
  new Client({ connection, dataConverter: { payloadCodecs: [createCodec(keys(...ids), 'refuse')] } })

/** Answers and a failure with the word in them. */
const telling: Partial<Activities> = {
  plan: () => Promise.resolve({ kind: 'planned', plan: { ...planned, to: `v1.0.1-${word}`, bakeMs: 1 } }),
  bake: () => Promise.resolve(failed(`ledger-1 says ${word}`)),
  preflight: ({ planHash }) =>
    planHash === planned.planHash ? Promise.resolve({ kind: 'ok' }) : Promise.reject(new Error(word)),
}

const workerOf = (taskQueue: string, ids: string[], script = telling): Promise<Worker> => {
  const payloadCodecs = [createCodec(keys(...ids), 'messages')]
  const dataConverter = { ...workflowParts(traits), payloadCodecs }
  const { activities } = scriptedActivities(script)
  return Worker.create({ connection: native, taskQueue, workflowBundle: bundle, dataConverter, activities })
}

type Handle = WorkflowHandle<typeof upgrade>
const start = (client: Client, taskQueue: string): Promise<Handle> =>
  client.workflow.start<typeof upgrade>('upgrade', {
    ...{ workflowId: `refit/upgrade/test/${randomUUID()}`, taskQueue, args: [input] },
    staticSummary: word,
  })

const temporal = async (...args: string[]): Promise<string> => {
  // No settings of the user's own, and none that stay.
  const env = { HOME: stack.stateDir }
  const { code, output } = await runCommand(stack.bin.temporal, [...args, '--address', stack.temporal.address], env)
  if (code !== 0) throw new Error(output)
  return output
}

/** A history as Temporal keeps it: every payload's bytes beside its base64. */
async function kept({ workflowId }: Handle): Promise<{ raw: string; plain: string[]; keyIds: Set<string> }> {
  const raw = await temporal('workflow', 'show', '--workflow-id', workflowId, '--output', 'json')
  const plain: string[] = []
  const keyIds = new Set<string>()
  const walk = (part: unknown): void => {
    if (typeof part !== 'object' || part === null) return
    const { metadata, data } = part as { metadata?: Record<string, string>; data?: string }
    if (typeof metadata?.encoding === 'string') {
      const id = Buffer.from(metadata['encryption-key-id'] ?? '', 'base64').toString()
      if (id) keyIds.add(id)
      else plain.push(Buffer.from(data ?? '', 'base64').toString())
    }
    for (const each of Object.values(part)) walk(each)
  }
  walk(JSON.parse(raw))
  return { raw, plain, keyIds }
}

const approve = ({ workflowId }: Handle) =>
  temporal('workflow', 'signal', '--workflow-id', workflowId, '--name', 'approve', '--input', JSON.stringify(yes))

test('nothing of an upgrade can be read in Temporal but its ids and search attributes, and the CLI of Temporal may still approve', async () => {
  const queue = randomUUID()
  const worker = await workerOf(queue, ['a'])
  const handle = await worker.runUntil(async () => {
    const started = await start(clientOf('a'), queue)
    await reaches(started, 'approval')
    await approve(started)
    expect(await started.result()).toMatchObject({ outcome: 'rolled-back' })
    return started
  })
  const { raw, plain, keyIds } = await kept(handle)
  expect(keyIds).toEqual(new Set(['a']))
  expect(raw).not.toContain(word)
  // Plain is what a person sent by the CLI, what the SDK notes of itself, and search attributes.
  expect(plain.filter((each) => each.includes('ledger-1') || each.includes(word))).toEqual([])
})

test('keys are changed while an upgrade waits', async () => {
  const queue = randomUUID()
  const client = clientOf('b', 'a')
  const before = await workerOf(queue, ['a'])
  const handle = await before.runUntil(async () => {
    const started = await start(clientOf('a'), queue)
    await reaches(started, 'approval')
    return started
  })
  const after = await workerOf(queue, ['b', 'a'])
  await after.runUntil(async () => {
    await client.workflow.getHandle(handle.workflowId).signal('approve', yes)
    expect(await client.workflow.getHandle(handle.workflowId).result()).toMatchObject({ outcome: 'rolled-back' })
  })
  expect((await kept(handle)).keyIds).toEqual(new Set(['a', 'b']))
})

test('a worker without the key does nothing to an upgrade, which goes on when the key is there', async () => {
  const queue = randomUUID()
  const client = clientOf('a')
  const before = await workerOf(queue, ['a'])
  const handle = await before.runUntil(async () => {
    const started = await start(client, queue)
    await reaches(started, 'approval')
    return started
  })
  const keyless = await workerOf(queue, ['b'])
  await keyless.runUntil(async () => {
    await handle.signal('approve', yes)
    for (;;) {
      const { raw } = await handle.describe()
      if ((raw.pendingWorkflowTask?.attempt ?? 0) >= 2) break
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  })
  expect((await kept(handle)).raw).toContain('EVENT_TYPE_WORKFLOW_TASK_FAILED')
  const again = await workerOf(queue, ['a'])
  await again.runUntil(async () => expect(await handle.result()).toMatchObject({ outcome: 'rolled-back' }))
})

test('a message with a made-up key is refused, and the upgrade goes on', async () => {
  const queue = randomUUID()
  const client = clientOf('a')
  const worker = await workerOf(queue, ['a'])
  await worker.runUntil(async () => {
    const handle = await start(client, queue)
    await reaches(handle, 'approval')
    await clientOf('z').workflow.getHandle(handle.workflowId).signal('approve', yes)
    await handle.signal('reject', { ...yes, reason: 'month end' })
    expect(await handle.result()).toMatchObject({ outcome: 'rejected' })
  })
})

test('who asks without the key is told which one is missing', async () => {
  const queue = randomUUID()
  const worker = await workerOf(queue, ['a'])
  await worker.runUntil(async () => {
    const handle = await start(clientOf('a'), queue)
    await reaches(handle, 'approval')
    await expect(clientOf('b').workflow.getHandle(handle.workflowId).query(statusQuery)).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('key a, which this process') as string,
    })
    await handle.terminate('seen')
  })
})

test('the CLI of Temporal reads it all through the codec server, with a token', async () => {
  const queue = randomUUID()
  const worker = await workerOf(queue, ['a'])
  const api = await openRealApi()
  try {
    const { app } = await realServer(
      api,
      {},
      { codec: hubCodec(createCodec(keys('a'), 'leave')), temporalNamespace: 'default' },
    )
    await app.listen({ host: '127.0.0.1', port: 0 })
    const endpoint = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}/codec`
    await worker.runUntil(async () => {
      const handle = await start(clientOf('a'), queue)
      await reaches(handle, 'approval')
      const by = (token: string): string[] => ['--codec-endpoint', endpoint, '--codec-auth', `Bearer ${token}`]
      const query = ['workflow', 'query', '--workflow-id', handle.workflowId, '--type', 'status']
      expect(await temporal(...query, ...by(api.secrets.viewer))).toContain(word)
      await expect(temporal(...query, ...by('rft_wrong'))).rejects.toThrow(/401/)
      await handle.terminate('seen')
    })
  } finally {
    await api.databases.remove()
  }
})
