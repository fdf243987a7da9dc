import { upgradeWorkflowId } from '../../src/domain/temporal-names'
import type { UpgradeRow } from '../../src/store/contracts'
import { kindManifest } from '../clients/kubernetes-kinds'
import { openSimulatedHub, simulatedConfig, type SimulatedHub, until } from '../support/simulated-hub'

let hub: SimulatedHub
beforeAll(async () => {
  hub = await openSimulatedHub(simulatedConfig({ approve: ['mixed', 'stuck'] }).replace('maxUnavailable: 1', rules))
  await hub.startWorker()
})
afterAll(() => hub?.close())

const rules = 'maxUnavailable: 1, order: [statefulset/stuck]'
const waits = ({ phase, waitingFor, outcome }: UpgradeRow) => phase === 'approval' && waitingFor !== '' && !outcome
const ended = ({ outcome }: UpgradeRow) => outcome !== null

/** Of the namespace's name and image, like its Deployment. */
async function deployToo(name: string, ...kinds: ('StatefulSet' | 'DaemonSet' | 'CronJob')[]): Promise<void> {
  await hub.deploy(name)
  const image = `${hub.stack.registry.host}/hub/${name}:v1.0.0`
  for (const kind of kinds) {
    const { metadata, ...rest } = kindManifest(kind, name, {}, image)
    await hub.apply({ ...rest, metadata: { ...metadata, namespace: name } })
  }
}

async function approve(name: string): Promise<UpgradeRow> {
  const row = await hub.upgradeWhere(name, waits)
  const vote = JSON.stringify({ by: 'ops@example.org', planHash: row.planHash })
  const id = upgradeWorkflowId(name, name)
  await hub.temporal('workflow', 'signal', '--workflow-id', id, '--name', 'approve', '--input', vote)
  return row
}

const imageOf = async (kind: string, name: string): Promise<string> => {
  const where = kind === 'cronjob' ? '.spec.jobTemplate.spec.template' : '.spec.template'
  const path = `jsonpath={${where}.spec.containers[0].image}`
  return (await hub.kubectl('-n', name, 'get', kind, name, '-o', path)).replace(`${hub.stack.registry.host}/`, '')
}

test('a Deployment, a StatefulSet, a DaemonSet and a CronJob of one name are upgraded one after the other', async () => {
  await deployToo('mixed', 'StatefulSet', 'DaemonSet', 'CronJob')
  const digest = await hub.push('mixed', 'v1.1.0')
  const { id } = await approve('mixed')
  expect(await hub.upgradeWhere('mixed', ended)).toMatchObject({ outcome: 'succeeded' })
  for (const kind of ['deployment', 'statefulset', 'daemonset', 'cronjob'])
    expect(await imageOf(kind, 'mixed')).toBe(`hub/mixed:v1.1.0@${digest}`)
  expect(await hub.writes('mixed')).toEqual([
    'patch daemonsets/mixed',
    'patch deployments/mixed',
    'patch statefulsets/mixed',
    'patch cronjobs/mixed',
  ])
  const patched = (await hub.store.upgrades.events(id)).filter(({ kind }) => kind === 'patched')
  expect(patched).toHaveLength(4)
})

test('a StatefulSet whose new pod never gets ready is put back, its stuck pod too', async () => {
  await deployToo('stuck', 'StatefulSet')
  await hub.push('stuck', 'v1.1.0-never-ready.1')
  await approve('stuck')
  expect(await hub.upgradeWhere('stuck', ended)).toMatchObject({ outcome: 'rolled-back' })
  expect(await imageOf('statefulset', 'stuck')).toBe('hub/stuck:v1.0.0')
  expect(await hub.writes('stuck')).toEqual([
    'patch statefulsets/stuck',
    'patch statefulsets/stuck',
    'delete pods/stuck-2',
  ])
  const ready = () =>
    hub.kubectl('-n', 'stuck', 'get', 'statefulset', 'stuck', '-o', 'jsonpath={.status.readyReplicas}')
  expect(await until(async () => (await ready()) === '3' && 'ready')).toBe('ready')
})
