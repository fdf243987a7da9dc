import { upgradeWorkflowId } from '../../src/domain/temporal-names'
import type { UpgradeRow } from '../../src/store/contracts'
import { openSimulatedHub, simulatedConfig, until, type SimulatedHub } from '../support/simulated-hub'

const names = ['set-goes', 'set-sick']
const rollout = 'rollout: { bake: 1s, stall: 4s, deadline: 1m, maxUnavailable: 1, canary: 1, canaryBake: 2s }'

let hub: SimulatedHub
beforeAll(async () => {
  hub = await openSimulatedHub(simulatedConfig({ approve: names }).replace(/rollout: \{.*\}/, rollout))
  await hub.startWorker()
})
afterAll(() => hub?.close())

const waits = ({ phase, waitingFor, outcome }: UpgradeRow) => phase === 'approval' && waitingFor !== '' && !outcome
const ended = ({ outcome }: UpgradeRow) => outcome !== null

const statefulSet = (name: string, image: string) => ({
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: { name, namespace: name },
  spec: {
    ...{ replicas: 3, serviceName: name, selector: { matchLabels: { app: name } } },
    template: {
      metadata: { labels: { app: name } },
      spec: {
        terminationGracePeriodSeconds: 1,
        containers: [{ name: 'app', image, readinessProbe: { httpGet: { path: '/health', port: 3000 } } }],
      },
    },
  },
})

async function begins(name: string, tag: string): Promise<UpgradeRow> {
  await hub.push(name, 'v1.0.0')
  await hub.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
  await hub.apply(statefulSet(name, `${hub.stack.registry.host}/hub/${name}:v1.0.0`))
  await hub.kubectl('-n', name, 'rollout', 'status', `statefulset/${name}`, '--timeout=60s')
  await hub.push(name, tag)
  const row = await hub.upgradeWhere(name, waits)
  const vote = JSON.stringify({ by: 'ops@example.org', planHash: row.planHash })
  const workflow = upgradeWorkflowId(name, name)
  await hub.temporal('workflow', 'signal', '--workflow-id', workflow, '--name', 'approve', '--input', vote)
  return row
}

interface Live {
  metadata: { annotations?: Record<string, string> }
  spec: { updateStrategy: { rollingUpdate: { partition: number } } }
}
const live = async (name: string): Promise<Live> =>
  JSON.parse(await hub.kubectl('-n', name, 'get', 'statefulset', name, '-o', 'json')) as Live
const tags = async (name: string): Promise<string[]> => {
  const path = 'jsonpath={range .items[*]}{.spec.containers[0].image} {end}'
  const images = await hub.kubectl('-n', name, 'get', 'pods', '--sort-by=.metadata.name', '-o', path)
  return images
    .trim()
    .split(' ')
    .map((image) => /:(v[^@]*)/.exec(image)?.[1] ?? image)
}
const mark = 'refit.dev/paused-by'

test('the last pod of a StatefulSet is new first and watched, then the partition goes', async () => {
  const row = await begins('set-goes', 'v1.1.0')
  const held = await until(async () => {
    const now = await live('set-goes')
    return now.metadata.annotations?.[mark] === undefined ? undefined : now
  })
  expect(held.metadata.annotations?.[mark]).toBe(row.id)
  expect(held.spec.updateStrategy.rollingUpdate.partition).toBe(2)
  await until(async () => (await tags('set-goes')).join() === 'v1.0.0,v1.0.0,v1.1.0')
  expect(await hub.upgradeWhere('set-goes', ended)).toMatchObject({ outcome: 'succeeded' })
  expect(await tags('set-goes')).toEqual(['v1.1.0', 'v1.1.0', 'v1.1.0'])
  const after = await live('set-goes')
  expect(after.metadata.annotations?.[mark]).toBeUndefined()
  expect(after.spec.updateStrategy.rollingUpdate.partition).toBe(0)
  // Images and partition, then the partition.
  expect(await hub.writes('set-goes')).toEqual(Array(2).fill('patch statefulsets/set-goes'))
})

test('a pod of a StatefulSet that never gets ready is put back although Kubernetes waits for it', async () => {
  await begins('set-sick', 'v1.1.0-never-ready.1')
  expect(await hub.upgradeWhere('set-sick', ended)).toMatchObject({ outcome: 'rolled-back' })
  expect(await tags('set-sick')).toEqual(['v1.0.0', 'v1.0.0', 'v1.0.0'])
  const after = await live('set-sick')
  expect(after.metadata.annotations?.[mark]).toBeUndefined()
  expect(after.spec.updateStrategy.rollingUpdate.partition).toBe(0)
  expect(await hub.writes('set-sick')).toEqual([
    ...Array<string>(2).fill('patch statefulsets/set-sick'),
    'delete pods/set-sick-2',
  ])
})
