import { upgradeWorkflowId } from '../../src/domain/temporal-names'
import type { UpgradeRow } from '../../src/store/contracts'
import { openSimulatedHub, simulatedConfig, type SimulatedHub } from '../support/simulated-hub'

let hub: SimulatedHub
beforeAll(async () => {
  hub = await openSimulatedHub(simulatedConfig({ approve: ['waits', 'rolls', 'remembered', 'killed'] }))
  await hub.startWorker()
})
afterAll(() => hub?.close())

const waits = ({ phase, waitingFor, outcome }: UpgradeRow) => phase === 'approval' && waitingFor !== '' && !outcome
const ended = ({ outcome }: UpgradeRow) => outcome !== null
const rolls = ({ phase, outcome }: UpgradeRow) => phase === 'rollout' || outcome !== null

const begins = async (name: string, tag = 'v1.1.0'): Promise<UpgradeRow> => {
  await hub.deploy(name)
  await hub.push(name, tag)
  return hub.upgradeWhere(name, waits)
}
async function approve(name: string, { planHash }: UpgradeRow): Promise<void> {
  const vote = JSON.stringify({ by: 'ops@example.org', planHash })
  const workflow = upgradeWorkflowId(name, name)
  await hub.temporal('workflow', 'signal', '--workflow-id', workflow, '--name', 'approve', '--input', vote)
}

test('the store is killed while an upgrade waits: it is approved meanwhile and ends well', async () => {
  const row = await begins('waits')
  await hub.stack.stop('postgres')
  await approve('waits', row)
  await hub.stack.start('postgres')
  expect(await hub.upgradeWhere('waits', ended)).toMatchObject({ id: row.id, outcome: 'succeeded' })
  expect(await hub.image('waits')).toMatch(/^hub\/waits:v1\.1\.0@sha256:/)
  expect(hub.workerRuns()).toBe(true)
})

test('the store is killed in the middle of a rollout: the service is put back all the same', async () => {
  const row = await begins('rolls', 'v1.1.0-never-ready.1')
  await approve('rolls', row)
  await hub.upgradeWhere('rolls', rolls)
  await hub.stack.stop('postgres')
  await hub.stack.start('postgres')
  expect(await hub.upgradeWhere('rolls', ended)).toMatchObject({ id: row.id, outcome: 'rolled-back' })
  expect(await hub.image('rolls')).toBe('hub/rolls:v1.0.0')
  expect(await hub.writes('rolls')).toEqual(['patch deployments/rolls', 'patch deployments/rolls'])
  expect((await hub.store.upgrades.events(row.id)).filter(({ kind }) => kind === 'ended')).toHaveLength(1)
})

test('Temporal is killed while an upgrade waits: it is still there and can be approved', async () => {
  const row = await begins('remembered')
  await hub.stack.stop('temporal')
  await hub.stack.start('temporal')
  await approve('remembered', row)
  expect(await hub.upgradeWhere('remembered', ended)).toMatchObject({ id: row.id, outcome: 'succeeded' })
  expect(hub.workerRuns()).toBe(true)
  await hub.scanned()
})

test('the worker is killed in the middle of a rollout: the next one goes on, and patches once', async () => {
  const row = await begins('killed', 'v1.1.0-never-ready.1')
  await approve('killed', row)
  await hub.upgradeWhere('killed', rolls)
  await hub.stopWorker('SIGKILL')
  await hub.startWorker()
  expect(await hub.upgradeWhere('killed', ended)).toMatchObject({ id: row.id, outcome: 'rolled-back' })
  expect(await hub.image('killed')).toBe('hub/killed:v1.0.0')
  expect(await hub.writes('killed')).toEqual(['patch deployments/killed', 'patch deployments/killed'])
})
