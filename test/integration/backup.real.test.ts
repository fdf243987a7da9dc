import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Client } from 'pg'
import { upgradeWorkflowId } from '../../src/domain/temporal-names'
import type { UpgradeRow } from '../../src/store/contracts'
import { postgresTools } from '../support/postgres-tools'
import { openSimulatedHub, type SimulatedHub, until } from '../support/simulated-hub'

/** Each namespace is one case; what fails in `middle` takes long enough for a restore. */
const config = `hub: { name: test-hub, environment: test }
scan: { every: 1s }
registries: [{ host: "\${REGISTRY}", insecure: true }]
policies:
  - name: slow
    select: { namespaces: [middle], images: ['*/hub/*'] }
    mode: approve
    strategy: minor
    prerelease: never-ready
    approval: { unverified: accept, expires: 1h }
    rollout: { bake: 1s, stall: 25s, deadline: 2m, maxUnavailable: 1 }
  - name: core
    select: { namespaces: [done, gap, late, lost, frozen], images: ['*/hub/*'] }
    mode: approve
    strategy: minor
    approval: { unverified: accept, expires: 1h }
    rollout: { bake: 1s, stall: 4s, deadline: 1m, maxUnavailable: 1 }
alerts: [{ webhook: "http://127.0.0.1:9/nobody", signedWith: "\${ALERT_KEY}", on: [info, action, page], allowPrivate: true }]
`
let hub: SimulatedHub
beforeAll(async () => {
  hub = await openSimulatedHub(config)
  await hub.startWorker()
})
afterAll(() => hub?.close())

const waits = ({ phase, waitingFor, outcome }: UpgradeRow) => phase === 'approval' && waitingFor !== '' && !outcome
const held = ({ outcome }: UpgradeRow) => outcome === 'held'
const succeeded = ({ outcome }: UpgradeRow) => outcome === 'succeeded'

/** A service with a newer image, once a person is asked. */
async function offered(name: string, tag = 'v1.1.0'): Promise<UpgradeRow> {
  await hub.deploy(name)
  await hub.push(name, tag)
  return hub.upgradeWhere(name, waits)
}
async function refit(...args: string[]): Promise<string> {
  const { code, output } = await hub.refit(...args)
  if (code !== 0) throw new Error(`refit ${args.join(' ')}: ${output}`)
  return output
}
const approve = (name: string, { planHash }: UpgradeRow): Promise<string> => refit('approve', name, '--plan', planHash)
const patches = async (name: string): Promise<string[]> =>
  (await hub.writes(name)).filter((each) => each.startsWith('patch deployments'))
const pages = (name: string): Promise<{ title: string }[]> =>
  hub.query(
    `select distinct alert->>'title' as title from outbox where alert->>'level' = 'page' and alert::text like $1`,
    [`%${name}%`],
  )

/** The store as it was when it was dumped, with no worker running, as docs/backup.md says. */
async function restore(file: string): Promise<void> {
  await hub.stopWorker()
  const admin = new Client({ connectionString: hub.stack.postgres.url('postgres') })
  await admin.connect()
  await admin.query('drop database refit with (force)')
  await admin.end()
  await hub.stack.postgres.createDatabase('refit')
  await hub.query('grant usage, create on schema public to refit')
  await postgresTools().restore(hub.env.DATABASE_URL ?? '', file)
  await hub.startWorker()
}

describe('the store is restored from an older dump', () => {
  beforeAll(async () => {
    const [done, gap, middle] = await Promise.all([
      offered('done'),
      offered('gap'),
      offered('middle', 'v1.1.0-never-ready.1'),
    ])
    await refit('freeze', '--namespace', 'gap', '--reason', 'a test')
    const file = join(hub.stack.stateDir, 'refit.dump')
    await postgresTools().dump(hub.stack.postgres.url('refit'), file)

    await Promise.all([approve('done', done), approve('gap', gap)])
    await hub.upgradeWhere('done', succeeded)
    await hub.upgradeWhere('gap', ({ phase }) => phase === 'window')
    await offered('late')
    await approve('middle', middle)
    await hub.upgradeWhere('middle', ({ phase }) => phase === 'rollout')
    await until(async () => (await patches('middle')).length > 0)
    await restore(file)
    await hub.scanned()
  })

  test('what was done since is not done again: it is held and paged, and a person resolves it', async () => {
    const row = await hub.upgradeWhere('done', held)
    expect(await patches('done')).toHaveLength(1)
    expect(await hub.image('done')).toContain('hub/done:v1.1.0')
    expect(await pages('done')).not.toEqual([])
    expect(row.message).toBeTruthy()
    await refit('resolve', 'done', '--as', 'succeeded', '--reason', 'it had succeeded before the restore', '--yes')
    await hub.scanned()
    expect(await hub.store.decisions.read({ namespace: 'done', service: 'done' })).toMatchObject({ kind: 'up-to-date' })
    expect(await patches('done')).toHaveLength(1)
  })

  test('an approval that was given since is void: it is refused before the first write, and asked for again', async () => {
    await refit('unfreeze', '--namespace', 'gap', '--yes')
    // The store does not know that it waits for the freeze; by itself it looks again within the hour.
    await hub.temporal('workflow', 'signal', '--workflow-id', upgradeWorkflowId('gap', 'gap'), '--name', 'wake')
    const asked = await hub.upgradeWhere('gap', (row) => waits(row) && row.id.endsWith('-2'))
    expect(await patches('gap')).toEqual([])
    const refused = await hub.store.upgrades.read(`${asked.planHash}-1`)
    expect(refused).toMatchObject({
      outcome: 'refused',
      message: expect.stringContaining('is not on record; the store may have been restored'),
    })
    await approve('gap', asked)
    await hub.upgradeWhere('gap', succeeded)
    expect(await patches('gap')).toHaveLength(1)
  })

  test('a rollout without its snapshot is not called put back: it is held and paged', async () => {
    const row = await hub.upgradeWhere('middle', held)
    expect(row.message).toContain('is not on record, and it does not run v1.0.0')
    expect(await pages('middle')).not.toEqual([])
    expect(await patches('middle')).toHaveLength(1)
    await hub.kubectl('-n', 'middle', 'rollout', 'undo', 'deployment/middle')
    await hub.kubectl('-n', 'middle', 'rollout', 'status', 'deployment/middle', '--timeout=60s')
    await refit('resolve', 'middle', '--as', 'rolled-back', '--reason', 'set back by hand', '--yes')
  })

  test('an upgrade that the dump does not know is asked about anew', async () => {
    const asked = await hub.upgradeWhere('late', waits)
    expect(await patches('late')).toEqual([])
    await approve('late', asked)
    await hub.upgradeWhere('late', succeeded)
    expect(await patches('late')).toHaveLength(1)
  })
})

describe('Temporal is lost', () => {
  beforeAll(async () => {
    const [lost, frozen] = await Promise.all([offered('lost'), offered('frozen')])
    await refit('freeze', '--namespace', 'frozen', '--reason', 'a test')
    await approve('frozen', frozen)
    await hub.upgradeWhere('frozen', ({ phase }) => phase === 'window')
    expect(lost.outcome).toBeNull()
    await hub.stopWorker()
    await hub.stack.stop('temporal')
    const folder = join(hub.stack.stateDir, 'data', 'temporal')
    await Promise.all(['', '-shm', '-wal'].map((end) => rm(join(folder, `temporal.db${end}`), { force: true })))
    await hub.stack.start('temporal')
    await hub.startWorker()
  })

  test.each(['lost', 'frozen'])(
    '%s: it is held and paged, goes on by hand, and is patched once',
    async (name) => {
      const row = await hub.upgradeWhere(name, held)
      expect(await pages(name)).not.toEqual([])
      expect(await patches(name)).toEqual([])
      await refit('resume', name, '--reason', 'Temporal was lost', '--yes')
      const asked = await hub.upgradeWhere(name, waits)
      expect(asked).toMatchObject({ id: row.id, planHash: row.planHash })
      await approve(name, asked)
      if (name === 'frozen') await refit('unfreeze', '--namespace', name, '--yes')
      await hub.upgradeWhere(name, succeeded)
      expect(await patches(name)).toHaveLength(1)
    },
    300_000,
  )
})
