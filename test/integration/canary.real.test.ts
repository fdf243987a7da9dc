import { upgradeWorkflowId } from '../../src/domain/temporal-names'
import type { UpgradeRow } from '../../src/store/contracts'
import { deployment, openSimulatedHub, simulatedConfig, until, type SimulatedHub } from '../support/simulated-hub'

const names = ['goes', 'sick', 'killed', 'stopped', 'resumed', 'terminated']
const rollout = 'rollout: { bake: 1s, stall: 4s, deadline: 1m, maxUnavailable: 1, canary: 1, canaryBake: 3s }'

let hub: SimulatedHub
beforeAll(async () => {
  const config = simulatedConfig({ approve: names }).replace(/rollout: \{.*\}/, rollout)
  hub = await openSimulatedHub(config)
  await hub.startWorker()
})
afterAll(() => hub?.close())

const waits = ({ phase, waitingFor, outcome }: UpgradeRow) => phase === 'approval' && waitingFor !== '' && !outcome
const ended = ({ outcome }: UpgradeRow) => outcome !== null

/** Three pods, each available only two seconds after it is ready, so that the canary is alone for a while as on a real node. */
async function begins(name: string, tag = 'v1.1.0'): Promise<UpgradeRow> {
  await hub.push(name, 'v1.0.0')
  const list = deployment(name, `${hub.stack.registry.host}/hub/${name}:v1.0.0`, { replicas: 3 })
  for (const item of list.items)
    if (item.kind === 'Deployment') Object.assign(item.spec as object, { minReadySeconds: 2 })
  await hub.apply(list)
  await hub.kubectl('-n', name, 'rollout', 'status', `deployment/${name}`, '--timeout=60s')
  await hub.push(name, tag)
  const row = await hub.upgradeWhere(name, waits)
  const vote = JSON.stringify({ by: 'ops@example.org', planHash: row.planHash })
  const workflow = upgradeWorkflowId(name, name)
  await hub.temporal('workflow', 'signal', '--workflow-id', workflow, '--name', 'approve', '--input', vote)
  return row
}

interface Live {
  metadata: { annotations: Record<string, string> }
  spec: { paused?: boolean }
  status: { updatedReplicas?: number; availableReplicas?: number; replicas?: number }
}
const live = async (name: string): Promise<Live> =>
  JSON.parse(await hub.kubectl('-n', name, 'get', 'deployment', name, '-o', 'json')) as Live
const mark = 'refit.dev/paused-by'
const standsStill = (name: string) =>
  until(async () => {
    const now = await live(name)
    return now.spec.paused ? now : undefined
  })
const goesOn = async (name: string): Promise<void> => {
  await until(async () => !(await live(name)).spec.paused)
  await hub.kubectl('-n', name, 'rollout', 'status', `deployment/${name}`, '--timeout=60s')
}

test('the first new pod is watched alone beside all old ones, then the others follow', async () => {
  const row = await begins('goes')
  const held = await standsStill('goes')
  expect(held.metadata.annotations[mark]).toBe(row.id)
  expect(held.status).toMatchObject({ updatedReplicas: 1, replicas: 4 })
  expect(await hub.upgradeWhere('goes', ended)).toMatchObject({ outcome: 'succeeded' })
  expect(await hub.image('goes')).toMatch(/^hub\/goes:v1\.1\.0@sha256:/)
  const after = await live('goes')
  expect([after.spec.paused, after.metadata.annotations[mark]]).toEqual([undefined, undefined])
  expect(after.status).toMatchObject({ updatedReplicas: 3, replicas: 3 })
  const messages = (await hub.store.upgrades.events(row.id)).map(({ kind, message }) => `${kind}: ${message}`)
  expect(messages).toContain('canary: goes stands still with 1 of 3 pods new (canary), watched for 3 s')
  expect(messages).toContain('canary: the new pods of goes stayed healthy for 3 s (canary)')
})

test('a first new pod that never gets ready: no second one is made, and nothing stays paused', async () => {
  await begins('sick', 'v1.1.0-never-ready.1')
  const held = await standsStill('sick')
  expect(held.status).toMatchObject({ updatedReplicas: 1, availableReplicas: 3 })
  expect(await hub.upgradeWhere('sick', ended)).toMatchObject({ outcome: 'rolled-back' })
  expect(await hub.image('sick')).toBe('hub/sick:v1.0.0')
  await goesOn('sick')
  expect((await live('sick')).metadata.annotations[mark]).toBeUndefined()
  expect(await hub.writes('sick')).toEqual([
    'patch deployments/sick',
    'patch deployments/sick',
    'patch deployments/sick',
  ])
})

test('a worker that is killed while it stands still: the next one watches on, and nothing is patched twice', async () => {
  await begins('killed')
  await standsStill('killed')
  await hub.stopWorker('SIGKILL')
  expect((await live('killed')).status).toMatchObject({ updatedReplicas: 1 })
  await hub.startWorker()
  expect(await hub.upgradeWhere('killed', ended)).toMatchObject({ outcome: 'succeeded' })
  // The image, the pause, and that it goes on.
  expect(await hub.writes('killed')).toHaveLength(3)
})

test('Cancel in the Web UI while it stands still puts it back and lifts the pause', async () => {
  await begins('stopped')
  await standsStill('stopped')
  await hub.temporal('workflow', 'cancel', '--workflow-id', upgradeWorkflowId('stopped', 'stopped'))
  expect(await hub.upgradeWhere('stopped', ended)).toMatchObject({ outcome: 'aborted' })
  expect(await hub.image('stopped')).toBe('hub/stopped:v1.0.0')
  await goesOn('stopped')
})

test('a person who lets it go on wins: it is held, and not put back', async () => {
  await begins('resumed')
  await standsStill('resumed')
  await hub.kubectl('-n', 'resumed', 'rollout', 'resume', 'deployment/resumed')
  expect(await hub.upgradeWhere('resumed', ended)).toMatchObject({
    outcome: 'held',
    message: expect.stringContaining('somebody let the rollout go on that Refit holds'),
  })
  expect(await hub.image('resumed')).toMatch(/^hub\/resumed:v1\.1\.0/)
})

test('after Terminate a person is told that it stands still; once resolved, it goes on', async () => {
  const row = await begins('terminated')
  await standsStill('terminated')
  await hub.temporal('workflow', 'terminate', '--workflow-id', upgradeWorkflowId('terminated', 'terminated'))
  expect(await hub.upgradeWhere('terminated', ended)).toMatchObject({ id: row.id, outcome: 'held' })
  const told = await until(async () => {
    const rows = await hub.query<{ body: { title: string; level: string } }>(
      `select alert as body from outbox where key = 'hold/left/${row.id}/Deployment/terminated'`,
    )
    return rows[0]
  })
  expect(told.body).toMatchObject({ level: 'page', title: 'terminated/terminated: a rollout stands still half way' })
  expect((await live('terminated')).spec.paused).toBe(true)
  await hub.store.upgrades.resolve(row.id, 'ops', 'looked at it')
  await goesOn('terminated')
  expect((await live('terminated')).status).toMatchObject({ updatedReplicas: 3, replicas: 3 })
})
