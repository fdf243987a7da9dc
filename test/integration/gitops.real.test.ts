import { stringify } from 'yaml'
import type { UpgradeRow } from '../../src/store/contracts'
import { type BareRepository, bareRepository } from '../support/bare-repository'
import { type GitopsAgent, startAgent } from '../support/gitops-agent'
import { deployment, openSimulatedHub, type SimulatedHub, until } from '../support/simulated-hub'

const names = ['plain', 'sick', 'killed', 'fought', 'asleep', 'shared', 'drifted']
const configOf = (repository: string) => `hub: { name: test-hub, environment: test }
scan: { every: 1s }
registries: [{ host: "\${REGISTRY}", insecure: true }]
policies:
  - name: by-kustomization
    select: { namespaces: [shared], images: ['*/hub/*'] }
    mode: automatic
    strategy: minor
    prerelease: never-ready
    rollout: { bake: 1s, stall: 4s, deadline: 1m }
    gitops: { repository: "${repository}", file: "{namespace}/kustomization.yaml", syncWithin: 1m }
  - name: asleep
    select: { namespaces: [asleep], images: ['*/hub/*'] }
    mode: automatic
    strategy: minor
    gitops: { repository: "${repository}", file: "{namespace}/{workload}.yaml", syncWithin: 2s }
  - name: by-manifest
    select: { namespaces: [${names.join(', ')}], images: ['*/hub/*'] }
    mode: automatic
    strategy: minor
    prerelease: never-ready
    rollout: { bake: 1s, stall: 4s, deadline: 1m }
    gitops: { repository: "${repository}", file: "{namespace}/{workload}.yaml", syncWithin: 1m }
alerts: [{ webhook: "http://127.0.0.1:9/nobody", signedWith: "\${ALERT_KEY}", on: [page], allowPrivate: true }]
`

let hub: SimulatedHub
let bare: BareRepository
let agent: GitopsAgent
beforeAll(async () => {
  bare = await bareRepository({ 'README.md': 'what runs\n' })
  hub = await openSimulatedHub(configOf(bare.path))
  agent = startAgent(bare, { folders: names, kubectl: hub.kubectl })
  await hub.startWorker()
})
afterAll(async () => {
  await agent?.stop()
  await hub?.close()
  await bare?.remove()
})

const ended = ({ outcome }: UpgradeRow) => outcome !== null
const imageOf = (name: string, tag: string) => `${hub.stack.registry.host}/hub/${name}:${tag}`

/** The namespace's objects as a person writes them, with comments. */
function manifestOf(namespace: string, image: string, name = namespace): string {
  const [space, workload] = deployment(name, image, { namespace }).items
  const owned = {
    ...workload?.metadata,
    annotations: { 'argocd.argoproj.io/tracking-id': `moja:apps/Deployment:${namespace}/${name}` },
  }
  return `# what ops wrote\n${[space, { ...workload, metadata: owned }].map((each) => stringify(each)).join('---\n')}# the end\n`
}

/** In Git, applied by the agent, and ready. */
async function deploy(name: string): Promise<string> {
  const text = manifestOf(name, imageOf(name, 'v1.0.0'))
  await hub.push(name, 'v1.0.0')
  await bare.commit({ [`${name}/${name}.yaml`]: text })
  await until(() => hub.image(name).catch(() => false as const))
  await hub.kubectl('-n', name, 'rollout', 'status', `deployment/${name}`, '--timeout=60s')
  return text
}

/** Refit's commits on the folder, oldest first. */
const commitsOf = async (name: string) =>
  (await bare.git('log', '-z', '--reverse', '--format=%H %B', 'main', '--', name))
    .split('\0')
    .map((each) => ({ commit: each.slice(0, 40), message: each.slice(41) }))
    .filter(({ message }) => message.includes('Refit-Upgrade'))

test('an upgrade goes through a commit, and the live object is never patched', async () => {
  const text = await deploy('plain')
  const digest = await hub.push('plain', 'v1.1.0')
  const row = await hub.upgradeWhere('plain', ended)
  expect(row).toMatchObject({ outcome: 'succeeded' })
  const now = imageOf('plain', `v1.1.0@${digest}`)
  expect(await bare.read('plain/plain.yaml')).toBe(text.replace(imageOf('plain', 'v1.0.0'), now))
  expect(await hub.image('plain')).toBe(`hub/plain:v1.1.0@${digest}`)
  const commits = await commitsOf('plain')
  expect(commits).toHaveLength(1)
  expect(commits[0]?.message).toContain(`Refit-Plan: ${row.planHash}`)
  const events = await hub.store.upgrades.events(row.id)
  expect(events.find(({ message }) => message.includes(commits[0]?.commit ?? 'none'))?.kind).toBe('patched')
  expect(await hub.writes('plain')).toEqual([])
})

test('a rollback is a revert commit that leaves the file as it was', async () => {
  const text = await deploy('sick')
  const digest = await hub.push('sick', 'v1.1.0-never-ready.1')
  const row = await hub.upgradeWhere('sick', ended)
  expect(row).toMatchObject({ outcome: 'rolled-back' })
  const [made, reverted, ...more] = await commitsOf('sick')
  expect(more).toEqual([])
  expect(reverted?.message).toMatch(/^Revert "refit: sick\/sick v1\.0\.0 → v1\.1\.0-never-ready\.1"/)
  expect(reverted?.message).toContain(`This reverts commit ${made?.commit}.`)
  expect(await bare.read('sick/sick.yaml')).toBe(text)
  expect(await hub.image('sick')).toBe('hub/sick:v1.0.0')
  await hub.kubectl('-n', 'sick', 'rollout', 'status', 'deployment/sick', '--timeout=30s')
  expect((await hub.store.quarantine.list()).filter(({ service }) => service === 'sick')).toMatchObject([{ digest }])
  expect(await hub.writes('sick')).toEqual([])
})

test('a worker that is killed while the agent sleeps goes on, and commits once', async () => {
  await deploy('killed')
  agent.suspend()
  const digest = await hub.push('killed', 'v1.1.0')
  await until(async () => (await commitsOf('killed')).length > 0)
  await hub.stopWorker('SIGKILL')
  await hub.startWorker()
  agent.resume()
  expect(await hub.upgradeWhere('killed', ended)).toMatchObject({ outcome: 'succeeded' })
  expect(await hub.image('killed')).toBe(`hub/killed:v1.1.0@${digest}`)
  expect(await commitsOf('killed')).toHaveLength(1)
  expect(await hub.writes('killed')).toEqual([])
})

test("somebody's commit during the rollout is not fought", async () => {
  await deploy('fought')
  await hub.push('fought', 'v1.1.0-never-ready.1')
  await until(async () => (await hub.image('fought')).includes('never-ready'))
  await hub.push('fought', 'v1.0.5')
  const theirs = manifestOf('fought', imageOf('fought', 'v1.0.5'))
  await bare.commit({ 'fought/fought.yaml': theirs })
  expect(await hub.upgradeWhere('fought', ended)).toMatchObject({ outcome: 'held' })
  expect(await bare.read('fought/fought.yaml')).toBe(theirs)
  expect(await commitsOf('fought')).toHaveLength(1)
  expect(await hub.writes('fought')).toEqual([])
})

test('an agent that does not apply the commit is said, with the commit, and nothing is undone', async () => {
  await deploy('asleep')
  agent.suspend()
  try {
    await hub.push('asleep', 'v1.1.0')
    const row = await hub.upgradeWhere('asleep', ended)
    const [made] = await commitsOf('asleep')
    expect(row).toMatchObject({
      outcome: 'held',
      message: expect.stringMatching(/no agent applied the commit/) as string,
    })
    expect(row.message).toContain(made?.commit)
    expect(await commitsOf('asleep')).toHaveLength(1)
    expect(await hub.image('asleep')).toBe('hub/asleep:v1.0.0')
  } finally {
    agent.resume()
  }
})

test('a file that does not say what runs is refused before anything is committed', async () => {
  await deploy('drifted')
  agent.suspend()
  try {
    await bare.commit({ 'drifted/drifted.yaml': manifestOf('drifted', imageOf('drifted', 'v1.0.9')) })
    await hub.push('drifted', 'v1.1.0')
    const decision = await until(async () => {
      const row = await hub.store.upgrades.latest({ namespace: 'drifted', service: 'drifted' })
      if (row) throw new Error(`an upgrade began: ${row.message}`)
      return (await hub.refit('plan', 'drifted/drifted')).output.includes('refused') || undefined
    })
    expect(decision).toBe(true)
    const { output } = await hub.refit('plan', 'drifted/drifted')
    expect(output).toMatch(
      /app of drifted runs \S+v1\.0\.0, and drifted\/drifted\.yaml of branch main of \S+ says \S+v1\.0\.9/,
    )
    expect(await commitsOf('drifted')).toEqual([])
    expect(await hub.writes('drifted')).toEqual([])
  } finally {
    agent.resume()
  }
})

test('workloads that share a value of a kustomization go together, there and back', async () => {
  const image = imageOf('shared', 'v1.0.0')
  const kustomization = `resources: [api.yaml, worker.yaml]\nimages:\n  - name: ledger\n    newName: ${hub.stack.registry.host}/hub/shared\n    newTag: v1.0.0 # the release\n`
  await hub.push('shared', 'v1.0.0')
  await bare.commit({
    'shared/api.yaml': manifestOf('shared', 'ledger', 'api'),
    'shared/worker.yaml':
      manifestOf('shared', 'ledger', 'worker')
        .replace(/kind: Namespace\n/, 'kind: Namespace\n')
        .split('---\n')[1] ?? '',
    'shared/kustomization.yaml': kustomization,
  })
  const images = async () =>
    hub.kubectl(
      '-n',
      'shared',
      'get',
      'deployments',
      '-o',
      'jsonpath={.items[*].spec.template.spec.containers[0].image}',
    )
  await until(async () => (await images()) === `${image} ${image}`)
  for (const name of ['api', 'worker'])
    await hub.kubectl('-n', 'shared', 'rollout', 'status', `deployment/${name}`, '--timeout=60s')

  await hub.push('shared', 'v1.1.0-never-ready.1')
  const row = await hub.upgradeWhere('shared', ended)
  expect(row).toMatchObject({ outcome: 'rolled-back' })
  expect(await bare.read('shared/kustomization.yaml')).toBe(kustomization)
  expect(await images()).toBe(`${image} ${image}`)
  expect(await commitsOf('shared')).toHaveLength(2)
  const restored = (await hub.store.upgrades.events(row.id)).filter(({ kind }) => kind === 'restored')
  expect(restored.map(({ message }) => message.split(' ')[0]).sort()).toEqual(['api', 'api', 'worker', 'worker'])
  expect(await hub.writes('shared')).toEqual([])
})
