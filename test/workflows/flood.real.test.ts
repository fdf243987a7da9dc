import { spawn, type ChildProcess } from 'node:child_process'
import { randomBytes, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { join } from 'node:path'
import { Client, Connection } from '@temporalio/client'
import { NativeConnection, Runtime, Worker } from '@temporalio/worker'
import type { Activities } from '../../src/activities'
import { addSearchAttributes } from '../../src/clients/temporal'
import { taskPatience, workflowSources } from '../../src/workflow-source'
import { approveSignal, type Receipt, wakeSignal } from '../../src/workflows/messages'
import type { upgrade } from '../../src/workflows/upgrade'
import { down, up, type Stack } from '../../stack'
import { when } from '../support/scan-scenario'
import { input, planned, reaches, workflowBundle } from '../support/upgrade-scenario'
import { planWith, votingActivities } from '../support/vote-scenario'

const name = `flood-${randomBytes(3).toString('hex')}`
let stack: Stack
let connection: Connection
let native: NativeConnection
let client: Client

beforeAll(async () => {
  Runtime.install({ logger: { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} } })
  stack = await up({ name, node: 'simulated', parts: ['temporal'], yes: true })
  const { address, namespace } = stack.temporal
  connection = await Connection.connect({ address })
  native = await NativeConnection.connect({ address })
  client = new Client({ connection, namespace })
  await addSearchAttributes(client)
})
afterAll(async () => {
  await native?.close()
  await connection?.close()
  await down(name, { purge: true })
})

const start = (taskQueue: string) =>
  client.workflow.start<typeof upgrade>('upgrade', {
    workflowId: `refit/upgrade/test/${randomUUID()}`,
    taskQueue,
    args: [input],
  })

const worker = async (taskQueue: string, activities: Activities): Promise<Worker> =>
  Worker.create({
    connection: native,
    namespace: stack.temporal.namespace,
    taskQueue,
    workflowBundle: await workflowBundle(),
    dataConverter: { payloadConverterPath: workflowSources.payloadConverterPath },
    ...taskPatience,
    activities,
  })

/** Many senders at once. */
async function send(count: number, one: (index: number) => Promise<unknown>): Promise<void> {
  let next = 0
  const sender = async (): Promise<void> => {
    while (next < count) await one(next++)
  }
  await Promise.all(Array.from({ length: 10 }, sender))
}

const junk = [
  () => ['yes please'],
  () => [{ by: 'eve', planHash: planned.planHash }],
  () => [{ by: 'eve', planHash: 'ffffffffffff' }],
  () => [{ vote: randomUUID(), by: 'ann', planHash: planned.planHash }],
  () => [null],
]

test('after 10,000 junk signals, in new runs in time and with few activities, a true vote counts', async () => {
  const taskQueue = randomUUID()
  const { activities, cast, entries, calls } = votingActivities(planWith())
  const running = await worker(taskQueue, activities)
  await running.runUntil(async () => {
    const handle = await start(taskQueue)
    await reaches(handle, 'approval')
    await send(10_000, (index) => handle.signal(index % 7 === 6 ? 'wake' : 'approve', ...(junk[index % 5]?.() ?? [])))
    // The server lets no run close while signals keep coming: the last of them, or its own limit, gives the moment.
    const latest = client.workflow.getHandle(handle.workflowId)
    await when(async () => (await latest.describe()).runId !== handle.firstExecutionRunId)
    const ann = cast('ann', 'approve')
    const answer = await latest.executeUpdate<Receipt, [unknown]>('approve', { args: [ann] })
    expect(answer).toEqual({ accepted: true, message: 'approved by ann' })
    expect(await handle.result()).toMatchObject({ outcome: 'succeeded' })
  })
  expect(entries.filter(({ kind }) => kind === 'refused')).toHaveLength(20)
  const reads = calls.filter((call) => call.startsWith('read '))
  // Once ids turn out to be invented they are read once a second, however many come.
  expect(reads.length).toBeLessThan(200)
}, 600_000)

test('a vote that is signalled while no worker is up counts when one is back', async () => {
  const taskQueue = randomUUID()
  const { activities, cast } = votingActivities(planWith())
  const handle = await start(taskQueue)
  await handle.signal(approveSignal, cast('ann', 'approve'))
  await handle.signal(wakeSignal, undefined)
  const running = await worker(taskQueue, activities)
  await expect(running.runUntil(() => handle.result())).resolves.toMatchObject({ outcome: 'succeeded' })
})

test('a worker killed between the vote and the start loses nothing, and the vote counts once', async () => {
  const taskQueue = randomUUID()
  const { address, namespace } = stack.temporal
  const script = [join(__dirname, '../support/upgrade-worker.ts'), address, namespace, taskQueue, 'ann']
  const child: ChildProcess = spawn(process.execPath, ['--import', 'tsx', ...script], { stdio: 'ignore' })
  try {
    const handle = await start(taskQueue)
    await reaches(handle, 'approval')
    const ann = { vote: 'vote-1', by: 'ann', planHash: planned.planHash }
    await handle.executeUpdate<Receipt, [unknown]>('approve', { args: [ann] })
    await reaches(handle, 'window')
    const gone = once(child, 'exit')
    child.kill('SIGKILL')
    await gone

    const { activities, entries } = votingActivities(planWith())
    const running = await worker(taskQueue, activities)
    await running.runUntil(async () => {
      await handle.signal(approveSignal, ann)
      await handle.signal(wakeSignal, undefined)
      expect(await handle.result()).toMatchObject({ outcome: 'succeeded', approval: { approvals: [{ by: 'ann' }] } })
    })
    expect(entries.filter(({ kind }) => kind === 'approved' || kind === 'refused')).toEqual([])
  } finally {
    child.kill('SIGKILL')
  }
})
