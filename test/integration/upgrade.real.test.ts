import { upgradeWorkflowId } from '../../src/domain/temporal-names'
import type { UpgradeRow } from '../../src/store/contracts'
import { openSimulatedHub, simulatedConfig, type SimulatedHub, until } from '../support/simulated-hub'

const approved = ['approved', 'sick', 'deleted', 'patched', 'pushed', 'fought', 'terminated', 'offline']
let hub: SimulatedHub
beforeAll(async () => {
  hub = await openSimulatedHub(simulatedConfig({ watch: ['watched'], approve: approved }))
  await hub.startWorker()
})
afterAll(() => hub?.close())

const waits = ({ phase, waitingFor, outcome }: UpgradeRow) => phase === 'approval' && waitingFor !== '' && !outcome
const ended = ({ outcome }: UpgradeRow) => outcome !== null
const inPhase = (wanted: string) => (row: UpgradeRow) => row.phase === wanted || row.outcome !== null
const idOf = (name: string) => upgradeWorkflowId(name, name)

/** As a person does it who has only Temporal's own program. */
async function approve(name: string): Promise<UpgradeRow> {
  const row = await hub.upgradeWhere(name, waits)
  const vote = JSON.stringify({ by: 'ops@example.org', planHash: row.planHash })
  await hub.temporal('workflow', 'signal', '--workflow-id', idOf(name), '--name', 'approve', '--input', vote)
  return row
}

/** A rollout that goes on until its stall time, because its pods never get ready. */
async function rolling(name: string): Promise<UpgradeRow> {
  await hub.deploy(name)
  await hub.push(name, 'v1.1.0-never-ready.1')
  await approve(name)
  await hub.upgradeWhere(name, inPhase('rollout'))
  await until(async () => (await hub.image(name)).includes('v1.1.0-never-ready.1'))
  return hub.upgradeWhere(name, inPhase('rollout'))
}

test('a scan finds it, a signal of the temporal program approves it, it succeeds', async () => {
  await hub.deploy('approved')
  const digest = await hub.push('approved', 'v1.1.0')
  const row = await hub.upgradeWhere('approved', waits)
  expect(row).toMatchObject({ fromTag: 'v1.0.0', toTag: 'v1.1.0', toDigest: digest })

  const listed = await until(async () => {
    const query = 'RefitPhase="approval" and RefitService="approved" and RefitTo="v1.1.0"'
    const output = await hub.temporal('workflow', 'list', '--query', query, '--output', 'json')
    return output.includes(idOf('approved')) && output
  })
  expect(listed).toContain('WORKFLOW_EXECUTION_STATUS_RUNNING')
  const metadata = await hub.temporal(
    ...['workflow', 'query', '--workflow-id', idOf('approved'), '--type', '__temporal_workflow_metadata'],
  )
  expect(metadata).toContain(`refit approve approved/approved --plan ${row.planHash}`)
  expect(metadata).toContain('temporal workflow signal')
  expect(await hub.writes('approved')).toEqual([])

  await approve('approved')
  expect(await hub.upgradeWhere('approved', ended)).toMatchObject({
    outcome: 'succeeded',
    message: expect.any(String) as string,
  })
  expect(await hub.image('approved')).toBe(`hub/approved:v1.1.0@${digest}`)
  expect(await hub.writes('approved')).toEqual(['patch deployments/approved'])
  const events = await hub.store.upgrades.events(row.id)
  expect(events.map(({ kind }) => kind)).toEqual([
    'entered',
    'approved',
    'entered',
    'entered',
    'patched',
    'entered',
    'ended',
  ])
  expect(events[1]).toMatchObject({ by: 'ops@example.org', verified: false })
})

test('pods that never get ready are put back, and the digest is not offered again', async () => {
  await hub.deploy('sick')
  const digest = await hub.push('sick', 'v1.1.0-never-ready.1')
  await approve('sick')
  const row = await hub.upgradeWhere('sick', ended)
  expect(row).toMatchObject({ outcome: 'rolled-back', toTag: 'v1.1.0-never-ready.1' })
  expect(await hub.image('sick')).toBe('hub/sick:v1.0.0')
  await hub.kubectl('-n', 'sick', 'rollout', 'status', 'deployment/sick', '--timeout=30s')
  expect((await hub.store.quarantine.list()).filter(({ service }) => service === 'sick')).toMatchObject([{ digest }])

  await hub.scanned()
  expect(await hub.store.decisions.read({ namespace: 'sick', service: 'sick' })).not.toMatchObject({
    kind: 'candidate',
  })
  expect(await hub.store.upgrades.list({ namespace: 'sick', limit: 9 })).toHaveLength(1)
})

test('mode watch only tells', async () => {
  await hub.deploy('watched')
  await hub.push('watched', 'v1.1.0')
  const key = { namespace: 'watched', service: 'watched' }
  await until(async () => (await hub.store.decisions.read(key))?.kind === 'candidate')
  await hub.scanned()
  expect(await hub.store.upgrades.latest(key)).toBeUndefined()
  await expect(hub.temporal('workflow', 'describe', '--workflow-id', idOf('watched'))).rejects.toThrow(/not found/i)
  expect(await hub.writes('watched')).toEqual([])
  expect(await hub.image('watched')).toBe('hub/watched:v1.0.0')
})

test('a registry that is away is said, and forgotten when it is back', async () => {
  const key = { namespace: 'offline', service: 'offline' }
  await hub.deploy('offline')
  await until(async () => (await hub.store.decisions.read(key))?.kind === 'up-to-date')
  await hub.stack.stop('registry')
  await until(async () => (await hub.store.decisions.read(key))?.kind === 'registry-error')
  expect(await hub.scanned()).toMatchObject({
    complete: false,
    summary: expect.stringContaining('registry-error') as string,
  })
  expect(hub.workerRuns()).toBe(true)
  await hub.stack.start('registry')
  await until(async () => (await hub.store.decisions.read(key))?.kind === 'up-to-date')
  expect(await hub.scanned()).toMatchObject({ complete: true })
})

describe('what changed while it waited for a person is refused before the first write', () => {
  const begins = async (name: string) => {
    await hub.deploy(name)
    await hub.push(name, 'v1.1.0')
    await hub.upgradeWhere(name, waits)
  }

  test('the Deployment is deleted', async () => {
    await begins('deleted')
    await hub.kubectl('-n', 'deleted', 'delete', 'deployment', 'deleted')
    await approve('deleted')
    const row = await hub.upgradeWhere('deleted', ended)
    expect(row).toMatchObject({
      outcome: 'refused',
      message: expect.stringContaining('not deployed any more') as string,
    })
    expect(await hub.writes('deleted')).toEqual([])
    expect(await hub.store.snapshots.read(row.id)).toEqual([])
  })

  test('a person sets another image', async () => {
    await begins('patched')
    await hub.push('patched', 'v1.0.5')
    const image = `${hub.stack.registry.host}/hub/patched:v1.0.5`
    await hub.kubectl('-n', 'patched', 'set', 'image', 'deployment/patched', `app=${image}`)
    await approve('patched')
    const row = await hub.upgradeWhere('patched', ended)
    expect(row.outcome).toBe('refused')
    expect(row.message).toMatch(/changed|app/)
    expect(await hub.image('patched')).toBe('hub/patched:v1.0.5')
    expect(await hub.writes('patched')).toEqual([])
    expect(await hub.store.snapshots.read(row.id)).toEqual([])
  })

  test('the tag is pushed again', async () => {
    // Without scans a newer digest does not supersede the plan before it is approved.
    await begins('pushed')
    await hub.temporal('schedule', 'toggle', '--schedule-id', 'refit/scan', '--pause', '--reason', 'test')
    try {
      await hub.push('pushed', 'v1.1.0', 'another image')
      await approve('pushed')
      const row = await hub.upgradeWhere('pushed', ended)
      expect(row).toMatchObject({ outcome: 'refused', message: expect.stringContaining('was pushed again') as string })
      expect(await hub.image('pushed')).toBe('hub/pushed:v1.0.0')
      expect(await hub.writes('pushed')).toEqual([])
    } finally {
      await hub.temporal('schedule', 'toggle', '--schedule-id', 'refit/scan', '--unpause', '--reason', 'test')
    }
  })
})

test('an image that a person sets in the middle of the rollout is not fought', async () => {
  await rolling('fought')
  await hub.push('fought', 'v1.0.5')
  const image = `${hub.stack.registry.host}/hub/fought:v1.0.5`
  await hub.kubectl('-n', 'fought', 'set', 'image', 'deployment/fought', `app=${image}`)
  const row = await hub.upgradeWhere('fought', ended)
  expect(row.outcome).toBe('held')
  expect(await hub.image('fought')).toBe('hub/fought:v1.0.5')
  expect(await hub.writes('fought')).toEqual(['patch deployments/fought'])
  expect((await hub.store.quarantine.list()).filter(({ service }) => service === 'fought')).toEqual([])
})

test('a workflow that a person terminates in the middle is held by the next scan, and a person is paged', async () => {
  const { id } = await rolling('terminated')
  await hub.temporal('workflow', 'terminate', '--workflow-id', idOf('terminated'), '--reason', 'test')
  const row = await hub.upgradeWhere('terminated', ended)
  expect(row).toMatchObject({ id, outcome: 'held', message: expect.stringContaining('refit resume') as string })
  const pages = await until(async () => {
    const rows = await hub.query<{ alert: { level: string; text: string } }>(
      `select alert from outbox where alert->>'level' = 'page' and alert::text like '%terminated%'`,
    )
    return rows.length > 0 && rows
  })
  expect(pages).toHaveLength(1)
  expect((await hub.store.upgrades.listHeld()).map(({ namespace }) => namespace)).toContain('terminated')
  await hub.scanned()
  expect(await hub.store.decisions.read({ namespace: 'terminated', service: 'terminated' })).toMatchObject({
    kind: 'held',
  })
})
