import { join } from 'node:path'
import getPort from 'get-port'
import { Refit, sources } from '../../demo/refit'
import { upgradeWorkflowId } from '../../src/domain/temporal-names'
import type { UpgradeRow } from '../../src/store/contracts'
import { type NextBuild, nextBuild } from '../support/next-build'
import { openSimulatedHub, type SimulatedHub, until } from '../support/simulated-hub'

const kinds = ['waits', 'bakes', 'rolls'] as const
type Kind = (typeof kinds)[number]
const namesOf = (kind: Kind): string[] => ['plain', 'versioned'].map((each) => `${kind}-${each}`)
const config = `hub: { name: test-hub, environment: test }
scan: { every: 1s }
registries: [{ host: "\${REGISTRY}", insecure: true }]
policies:
  - name: waits
    select: { namespaces: [${namesOf('waits').join(', ')}], images: ['*/hub/*'] }
    mode: approve
    strategy: minor
    approval: { required: 1, unverified: accept, expires: 1h }
    rollout: { bake: 1s, stall: 10s, deadline: 1m, maxUnavailable: 1 }
  - name: lasts
    select: { namespaces: [${[...namesOf('bakes'), ...namesOf('rolls')].join(', ')}], images: ['*/hub/*'] }
    mode: automatic
    strategy: minor
    prerelease: never-ready
    rollout: { bake: 15s, stall: 30m, deadline: 1h, maxUnavailable: 1 }
alerts: [{ webhook: "http://127.0.0.1:9/nobody", signedWith: "\${ALERT_KEY}", on: [page], allowPrivate: true }]
`
/** One more step before the preflight, as a later version may have it. */
const patch = 'one-more-step'
const changes: Record<string, [string, string][]> = {
  'src/workflows/upgrade.ts': [
    ['import { CancellationScope,', 'import { patched, sleep, CancellationScope,'],
    [
      '      await preflight(desk, plan)\n',
      `      if (patched('${patch}')) await sleep(1)\n      await preflight(desk, plan)\n`,
    ],
  ],
}

let hub: SimulatedHub
let next: NextBuild
const opened: Refit[] = []
beforeAll(async () => {
  next = await nextBuild(changes)
  hub = await openSimulatedHub(config)
})
afterAll(async () => {
  for (const each of opened) await each.stopWorker('SIGKILL')
  await hub?.close()
  await next?.remove()
})

async function workerOf(program: readonly string[], more: NodeJS.ProcessEnv): Promise<Refit> {
  const logFile = join(hub.stack.stateDir, 'logs', `refit-worker-${opened.length}.log`)
  const healthAddress = `127.0.0.1:${await getPort()}`
  const refit = new Refit({ configFile: hub.configFile, env: { ...hub.env, ...more }, logFile, healthAddress, program })
  opened.push(refit)
  await refit.startWorker()
  return refit
}

const ended = ({ outcome }: UpgradeRow) => outcome !== null
const inPhase = (wanted: string) => (row: UpgradeRow) => row.phase === wanted || row.outcome !== null
const versionOf = (buildId: string) => ({ TEMPORAL_DEPLOYMENT_NAME: 'refit', TEMPORAL_WORKER_BUILD_ID: buildId })

/** Until the server knows the version, it can't be made the current one. */
const makeCurrent = (buildId: string) =>
  until(() =>
    hub
      .temporal(
        'worker',
        'deployment',
        'set-current-version',
        '--deployment-name',
        'refit',
        '--build-id',
        buildId,
        '--yes',
      )
      .catch(() => false as const),
  )

const signal = (name: string, verb: string, input: object) =>
  hub.temporal(
    ...['workflow', 'signal', '--workflow-id', upgradeWorkflowId(name, name)],
    ...['--name', verb, '--input', JSON.stringify(input)],
  )

test.each<[string, (buildId: string) => NodeJS.ProcessEnv, (buildId: string) => Promise<unknown>]>([
  ['plain', () => ({}), () => Promise.resolve()],
  ['versioned', versionOf, makeCurrent],
])(
  'a next build takes over what waits, what bakes and what rolls: %s workers',
  async (way, environment, current) => {
    const [waits, bakes, rolls] = kinds.map((kind) => `${kind}-${way}`) as [string, string, string]
    const before = await workerOf(sources, environment('build-1'))
    await current('build-1')
    for (const each of [waits, bakes, rolls]) await hub.deploy(each)
    await hub.push(waits, 'v1.1.0')
    await hub.push(bakes, 'v1.1.0')
    await hub.push(rolls, 'v1.1.0-never-ready.1')
    await hub.upgradeWhere(waits, ({ phase, waitingFor }) => phase === 'approval' && waitingFor !== '')
    await hub.upgradeWhere(rolls, inPhase('rollout'))
    await hub.upgradeWhere(bakes, inPhase('bake'))

    const after = await workerOf(next.program, environment('build-2'))
    await current('build-2')
    expect(await before.stopWorker('SIGTERM')).toBe(0)
    expect(await hub.upgradeWhere(rolls, () => true)).toMatchObject({ phase: 'rollout', outcome: null })

    const { planHash } = await hub.upgradeWhere(waits, () => true)
    await signal(waits, 'approve', { by: 'ops@example.org', planHash })
    await signal(rolls, 'abort', { by: 'ops@example.org', reason: 'seen enough' })
    expect(await hub.upgradeWhere(waits, ended)).toMatchObject({ outcome: 'succeeded' })
    expect(await hub.upgradeWhere(bakes, ended)).toMatchObject({ outcome: 'succeeded' })
    expect(await hub.upgradeWhere(rolls, ended)).toMatchObject({ outcome: 'aborted' })
    expect(await hub.image(rolls)).toBe(`hub/${rolls}:v1.0.0`)

    // Once there and, of the one that was stopped, once back.
    const patches = async (name: string) =>
      (await hub.writes(name)).filter((each) => each === `patch deployments/${name}`).length
    expect(await Promise.all([waits, bakes, rolls].map(patches))).toEqual([1, 1, 2])
    // What had not come to the new step takes it; what was past it goes on as it began.
    const history = (name: string) =>
      hub.temporal('workflow', 'show', '--workflow-id', upgradeWorkflowId(name, name), '--output', 'json')
    const stepped = async (name: string) => (await history(name)).includes(Buffer.from(`"${patch}"`).toString('base64'))
    expect(await Promise.all([waits, bakes, rolls].map(stepped))).toEqual([true, false, false])
    for (const name of [waits, bakes, rolls]) expect(await history(name)).not.toContain('WORKFLOW_TASK_FAILED')
    expect(await after.stopWorker('SIGTERM')).toBe(0)
  },
  300_000,
)
