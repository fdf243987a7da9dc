import { randomBytes } from 'node:crypto'
import { Client, Connection } from '@temporalio/client'
import { NativeConnection, Runtime, Worker } from '@temporalio/worker'
import { ensureSchedules } from '../../src/clients/schedules'
import { digestsBetween, digestSlot } from '../../src/domain/digest-times'
import { digestScheduleId, scanScheduleId, taskQueue } from '../../src/domain/temporal-names'
import { hubTemporal, type HubTemporal } from '../../src/operations/temporal'
import { down, up, type Stack } from '../../stack'
import { scriptedActivities, workflowBundle } from '../support/upgrade-scenario'

const name = `test-schedules-${process.pid}-${randomBytes(2).toString('hex')}`
const progress = () => undefined
let stack: Stack
let connection: Connection
let client: Client
let hub: HubTemporal

beforeAll(async () => {
  Runtime.install({ telemetryOptions: { logging: { filter: 'OFF' } } })
  stack = await up({ name, node: 'simulated', parts: ['temporal'], yes: true, owner: 'npm test', progress })
  connection = await Connection.connect({ address: stack.temporal.address })
  client = new Client({ connection, namespace: stack.temporal.namespace })
  hub = hubTemporal(client)
})
afterAll(async () => {
  await connection.close()
  await down(name, { purge: true, progress })
})

const scan = { everyMs: 3_600_000 }
const digestAt = { times: ['02:30', '19:00'], timeZone: 'Europe/Berlin' }
const statesNow = async (): Promise<Record<string, string>> =>
  Object.fromEntries((await hub.schedules()).map(({ id, state }) => [id, state]))

describe('the Schedules of a hub', () => {
  test('are created, and stay as they are when a worker starts again', async () => {
    await ensureSchedules(client, { scan }, Date.now())
    expect(await statesNow()).toEqual({ [scanScheduleId]: 'active', [digestScheduleId]: 'missing' })
    for (let starts = 0; starts < 3; starts += 1) await ensureSchedules(client, { scan, digestAt }, Date.now())
    expect(await statesNow()).toEqual({ [scanScheduleId]: 'active', [digestScheduleId]: 'active' })
  })

  test('by two workers at once', async () => {
    await ensureSchedules(client, { scan }, Date.now())
    await Promise.all([1, 2, 3].map(() => ensureSchedules(client, { scan, digestAt }, Date.now())))
    expect(await statesNow()).toEqual({ [scanScheduleId]: 'active', [digestScheduleId]: 'active' })
  })

  test('follow the configuration, and make up for no more than one interval', async () => {
    await ensureSchedules(client, { scan: { everyMs: 60_000 }, digestAt }, Date.now())
    const { spec, policies } = await client.schedule.getHandle(scanScheduleId).describe()
    expect(spec.intervals).toMatchObject([{ every: 60_000 }])
    expect(policies).toMatchObject({ overlap: 'SKIP', catchupWindow: 60_000 })
    const digest = await client.schedule.getHandle(digestScheduleId).describe()
    expect(digest.policies).toMatchObject({ overlap: 'SKIP', catchupWindow: 3_600_000 })
    expect(digest.spec.timezone).toBe('Europe/Berlin')
  })

  test('stay paused when a worker starts again, with who and why', async () => {
    await hub.pauseSchedule(scanScheduleId, 'paused by ana: the registry moves')
    await ensureSchedules(client, { scan: { everyMs: 7_200_000 }, digestAt }, Date.now())
    const [info] = await hub.schedules()
    expect(info).toMatchObject({ state: 'paused', note: 'paused by ana: the registry moves' })
    await hub.resumeSchedule(scanScheduleId, 'resumed by ana')
    expect((await hub.schedules())[0]).toMatchObject({ state: 'active', note: 'resumed by ana' })
  })

  test('without digestAt there is no digest any more', async () => {
    for (let starts = 0; starts < 2; starts += 1) await ensureSchedules(client, { scan }, Date.now())
    expect(await statesNow()).toEqual({ [scanScheduleId]: 'active', [digestScheduleId]: 'missing' })
    await expect(hub.pauseSchedule(digestScheduleId, 'x')).rejects.toMatchObject({ code: 'NO_WORKER' })
    await expect(hub.triggerSchedule(digestScheduleId)).rejects.toMatchObject({ code: 'NO_WORKER' })
  })
})

/** The server's own answer to when a Schedule fires. */
async function matchingTimes(from: number, to: number): Promise<number[]> {
  const stamp = (ms: number) => ({ seconds: Math.floor(ms / 1_000) as never })
  const { startTime } = await client.workflowService.listScheduleMatchingTimes({
    namespace: stack.temporal.namespace,
    scheduleId: digestScheduleId,
    // The server leaves out the start itself, and takes in the end.
    startTime: stamp(from - 1_000),
    endTime: stamp(to - 1_000),
  })
  return (startTime ?? []).map(({ seconds }) => Number(seconds) * 1_000)
}

describe.each([
  ['Europe/Berlin', '2027-03-25', '2027-10-28'],
  ['America/New_York', '2027-03-11', '2027-11-04'],
  ['Africa/Casablanca', '2027-02-04', '2027-03-11'],
  ['Australia/Lord_Howe', '2027-04-01', '2027-09-30'],
  ['Asia/Kolkata', '2027-03-25', '2027-10-28'],
])('the server fires in %s when Refit expects it', (timeZone, ...weeks) => {
  test.each(weeks)('in the week from %s on, whatever the clock does', async (day) => {
    const wanted = { times: ['02:10', '07:00', '19:00'], timeZone }
    const from = Date.parse(`${day}T00:00:00Z`)
    const to = from + 7 * 86_400_000
    await ensureSchedules(client, { scan, digestAt: wanted }, Date.parse('2026-11-24T00:00:00Z'))
    const fires = await matchingTimes(from, to)
    // Of a time that comes twice the server may take either, or both: Refit calls them one.
    const slots = fires.map((at) => digestSlot(wanted, at))
    expect(new Set(slots)).toEqual(new Set(digestsBetween(wanted, from, to).map(({ slot }) => slot)))
    expect(slots.length).toBeLessThanOrEqual(7 * wanted.times.length + 1)
  })
})

describe('with a worker', () => {
  const dueAt: number[] = []
  const { activities } = scriptedActivities({
    digest: (input) => Promise.resolve({ slot: String(dueAt.push(input.dueAt)), told: true }),
  })
  const during = async (work: () => Promise<void>): Promise<void> => {
    const worker = await NativeConnection.connect({ address: stack.temporal.address })
    try {
      const running = await Worker.create({
        ...{ connection: worker, namespace: stack.temporal.namespace, taskQueue, activities },
        workflowBundle: await workflowBundle(),
      })
      await running.runUntil(work)
    } finally {
      await worker.close()
    }
  }

  test('a digest that is triggered runs, and knows when it was due', async () => {
    await ensureSchedules(client, { scan, digestAt }, Date.now())
    const before = Date.now()
    await during(async () => {
      const triggered = await hub.triggerSchedule(digestScheduleId)
      await client.workflow.getHandle(triggered?.workflowId ?? '').result()
    })
    // Temporal cuts the instant of a trigger to whole seconds.
    expect(dueAt[0]).toBeGreaterThanOrEqual(before - 1_000)
    expect(dueAt[0]).toBeLessThanOrEqual(Date.now())
    const [, info] = await hub.schedules()
    expect(info?.lastRuns).toHaveLength(1)
    expect(info?.nextRuns.length).toBeGreaterThan(0)
  })
})

test('what runs can be listed by its type and woken; what does not run can not', async () => {
  await client.workflow.start('data', { workflowId: 'refit/data/hub/ledger', taskQueue, args: [{}] })
  // The server's list is a moment late.
  for (;;) {
    const open = await hub.openWorkflows(['data', 'release'])
    if (open.length > 0) {
      expect(open).toEqual(['refit/data/hub/ledger'])
      break
    }
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  expect(await hub.wake('refit/data/hub/ledger')).toBe(true)
  expect(await hub.wake('refit/data/hub/nobody')).toBe(false)
})
