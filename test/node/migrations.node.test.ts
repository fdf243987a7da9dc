import { Client } from 'pg'
import { LoadProcess } from '../../demo/load'
import { runCommand } from '../../demo/refit'
import { LOCKS } from '../../examples/hub/services/shared/database'
import { upgradeWorkflowId } from '../../src/domain/temporal-names'
import type { UpgradeRow } from '../../src/store/contracts'
import { ended, hubConfig, inPhase, ledgerPolicy, ledgerUpgrade, openRealHub, type RealHub } from '../support/real-hub'
import { until } from '../support/simulated-hub'

const patienceMs = 240_000
/** One hub prepares for old pods that are made anew; in the other one the Job migrates, to be killed. */
const prepares = 'prepares'
const killed = 'killed'

let hub: RealHub
beforeAll(async () => {
  hub = await openRealHub()
  await hub.configure(`${hubConfig(prepares)}${ledgerPolicy(killed, 'acceptRestartRisk: true')}`)
  await hub.refit.startWorker()
}, 900_000)
afterAll(() => hub?.close())

interface Pod {
  metadata: { name: string; deletionTimestamp?: string; labels: Record<string, string> }
  status: { phase: string; conditions?: { type: string; status: string }[] }
  spec: { containers: { image: string }[]; initContainers?: { image: string }[] }
}

async function podsOf(namespace: string, selector: string): Promise<Pod[]> {
  const listed = await hub.kubectl('-n', namespace, 'get', 'pods', '-l', selector, '-o', 'json')
  return (JSON.parse(listed) as { items: Pod[] }).items.filter(({ metadata }) => !metadata.deletionTimestamp)
}

const isReady = ({ status }: Pod): boolean =>
  status.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false
const tagOf = (image = ''): string => /:(v[^@]+)/.exec(image.split('/').at(-1) ?? '')?.[1] ?? image
/** `init application` of each pod, once each */
const versions = (pods: Pod[]): string[] => [
  ...new Set(pods.map(({ spec }) => `${tagOf(spec.initContainers?.[0]?.image)} ${tagOf(spec.containers[0]?.image)}`)),
]

async function query<T extends object>(database: string, sql: string): Promise<T[]> {
  const client = new Client({ connectionString: hub.stack.postgres.url(database) })
  await client.connect()
  try {
    return (await client.query<T>(sql)).rows
  } finally {
    await client.end()
  }
}

const columns = async (database: string): Promise<string[]> =>
  (
    await query<{ name: string }>(
      database,
      `select column_name as name from information_schema.columns where table_name = 'transfer' order by ordinal_position`,
    )
  ).map(({ name }) => name)

/** Publishes a release, under another tag where both hubs are offered it, and waits until a person is asked. */
async function offered(namespace: string, release: string, tag = release): Promise<UpgradeRow> {
  await hub.publish(`ledger:${release}`)
  const image = `${hub.stack.registry.host}/hub/ledger:${release}`
  if (tag !== release) await runCommand(hub.stack.bin.crane, ['tag', '--insecure', image, tag], hub.env)
  return ledgerUpgrade(hub.store, namespace, tag, inPhase('approval'))
}

async function approved(...[namespace, release, tag]: Parameters<typeof offered>): Promise<UpgradeRow> {
  const row = await offered(namespace, release, tag)
  await refit('approve', `${namespace}/ledger`, '--plan', row.planHash, '--yes')
  return row
}

async function refit(...args: string[]): Promise<void> {
  const { code, output } = await hub.refit.run(...args)
  if (code !== 0) throw new Error(`refit ${args.join(' ')}: ${output}`)
}

const kindsOf = async (id: string): Promise<string[]> => (await hub.store.upgrades.events(id)).map(({ kind }) => kind)

describe('the schema is expanded while old pods serve', () => {
  let load: LoadProcess
  const both = 'app.kubernetes.io/name in (ledger,ledger-consumer)'
  beforeAll(async () => {
    const { ports } = await hub.deploy(prepares, 'v1.0.1')
    load = LoadProcess.start({ ...ports, rate: 60, databaseUrl: hub.stack.postgres.url(prepares) })
    await until(() => Promise.resolve((load.last?.sent ?? 0) > 100), patienceMs)
  }, patienceMs)
  afterAll(() => load?.kill())

  let upgrade: UpgradeRow
  test('old pods that are deleted then come back on the newer schema, the singleton too; so it is after a kill', async () => {
    upgrade = await approved(prepares, 'v1.1.0')
    const count = async (kind: string): Promise<number> =>
      (await kindsOf(upgrade.id)).filter((each) => each === kind).length
    await until(async () => (await count('patched')) === 2, patienceMs)
    await hub.refit.killWorker()
    // While no worker is up, so that it stands still at the next safe point, between expand and the rollout.
    const input = JSON.stringify({ by: 'ops@example.org', planHash: upgrade.planHash, reason: 'to delete old pods' })
    const workflow = upgradeWorkflowId(prepares, 'ledger')
    await hub.temporalCli('workflow', 'signal', '-w', workflow, '--name', 'pause', '--input', input)
    await hub.refit.startWorker()
    await until(async () => (await count('prepared')) === 2, patienceMs)
    expect(await count('patched')).toBe(2)
    await ledgerUpgrade(hub.store, prepares, 'v1.1.0', ({ waitingFor }) => waitingFor.includes('paused'))
    expect(await columns(prepares)).toContain('quoteId')

    const before = await podsOf(prepares, both)
    expect(versions(before)).toEqual(['v1.1.0 v1.0.1'])
    const gone = ['ledger', 'ledger-consumer'].map(
      (name) => before.find(({ metadata }) => metadata.labels['app.kubernetes.io/name'] === name)?.metadata.name ?? '',
    )
    await hub.kubectl('-n', prepares, 'delete', 'pod', ...gone)
    await until(async () => {
      const pods = await podsOf(prepares, both)
      return pods.length === 4 && pods.every(isReady) && !pods.some(({ metadata }) => gone.includes(metadata.name))
    }, patienceMs)
    expect(versions(await podsOf(prepares, both))).toEqual(['v1.1.0 v1.0.1'])
    await refit('resume', `${prepares}/ledger`)
  })

  test('aborted during the bake: old pods become ready on the newer schema, and no request failed', async () => {
    await ledgerUpgrade(hub.store, prepares, 'v1.1.0', inPhase('bake'))
    expect(versions(await podsOf(prepares, both))).toContain('v1.1.0 v1.1.0')
    await refit('abort', `${prepares}/ledger`, '--reason', 'a test of the rollback', '--yes')
    const row = await ledgerUpgrade(hub.store, prepares, 'v1.1.0', ended)
    expect(row).toMatchObject({ outcome: 'aborted' })
    const pods = await podsOf(prepares, both)
    expect(versions(pods)).toEqual(['v1.1.0 v1.0.1'])
    expect(pods.every(isReady)).toBe(true)
    expect(await columns(prepares)).toContain('quoteId')
    // What is made anew later still starts.
    await hub.kubectl('-n', prepares, 'delete', 'pod', pods[0]?.metadata.name ?? '')
    await until(async () => {
      const now = await podsOf(prepares, both)
      return now.length === 4 && now.every(isReady)
    }, patienceMs)

    const { sent, failed, reasons, verification } = await load.stop()
    console.info(JSON.stringify({ sent, failed, reasons, verification }))
    expect({ failed, reasons }).toEqual({ failed: 0, reasons: {} })
    expect(verification).toMatchObject({ sound: true, wrongCount: 0, overlaps: 0 })
  })

  test('a migration that fails in the new init container: it is set back, and no old pod was taken away', async () => {
    const before = await podsOf(prepares, both)
    await approved(prepares, 'v1.1.4')
    const row = await ledgerUpgrade(hub.store, prepares, 'v1.1.4', ended)
    expect(row).toMatchObject({
      outcome: 'rolled-back',
      message: expect.stringContaining('init container run-migration'),
    })
    const pods = await podsOf(prepares, both)
    expect(versions(pods)).toEqual(['v1.1.0 v1.0.1'])
    expect(pods.map(({ metadata }) => metadata.name).sort()).toEqual(before.map(({ metadata }) => metadata.name).sort())
    expect(await query(prepares, `select name from migration order by id`)).toHaveLength(2)
  })
})

describe('SIGKILL of a migration Job’s pod', () => {
  beforeAll(async () => {
    const { ports } = await hub.deploy(killed, 'v1.0.1')
    const body = JSON.stringify({ transferId: 'old-1', payer: 'dfsp-1', payee: 'dfsp-2', amount: 100 })
    const headers = { 'content-type': 'application/json' }
    const paid = await fetch(`http://127.0.0.1:${ports.ledger}/transfers`, { method: 'POST', body, headers })
    expect(paid.status).toBe(202)
  }, patienceMs)
  const jobPods = (id: string): Promise<Pod[]> => podsOf(killed, `refit.dev/upgrade=${id}`)
  /** kill -9 of the migrating process itself: containers' processes are processes of this machine */
  const kill = async (): Promise<void> => {
    const { stdout } = await runCommand('pgrep', ['-fx', 'node /app/ledger.js migrate'], hub.env)
    const pids = stdout.trim().split('\n').map(Number)
    expect(pids).toHaveLength(1)
    for (const pid of pids) process.kill(pid, 'SIGKILL')
  }
  /** Somebody's open transaction, so that what is killed stands still at a known place. */
  const holding = async (statement: string): Promise<{ release: () => Promise<void> }> => {
    const client = new Client({ connectionString: hub.stack.postgres.url(killed) })
    await client.connect()
    await client.query('begin')
    await client.query(statement)
    return { release: () => client.end() }
  }
  const lockTransfer = 'lock table transfer in row exclusive mode'
  const waiting = `select pid from pg_stat_activity where wait_event_type = 'Lock' and query ilike 'alter table "transfer"%'`
  const expectNothingPatched = async (): Promise<void> =>
    expect(versions(await podsOf(killed, 'app.kubernetes.io/name in (ledger,ledger-consumer)'))).toEqual([
      'v1.0.1 v1.0.1',
    ])

  /** Nothing was patched, the schema is as it was, and nothing holds knex's lock. */
  async function expectAsBefore(before: string[]): Promise<void> {
    await expectNothingPatched()
    expect(await columns(killed)).toEqual(before)
    expect(await query(killed, 'select is_locked from migration_lock where is_locked <> 0')).toEqual([])
  }

  test('before it migrates: undone, and the schema is as it was', async () => {
    const before = await columns(killed)
    const guard = await holding(`select pg_advisory_lock(${LOCKS.migrate})`)
    await approved(killed, 'v1.1.0', 'v1.1.7')
    const asks = `select from pg_stat_activity where application_name = 'hub-ledger-migrate'`
    await until(async () => (await query(killed, asks)).length > 0, patienceMs)
    await kill()
    const row = await ledgerUpgrade(hub.store, killed, 'v1.1.7', ended)
    await guard.release()
    expect(row).toMatchObject({ outcome: 'rolled-back', message: expect.stringContaining('exit code 137') })
    await expectAsBefore(before)
  })

  test('inside its transaction: undone, and the schema is as it was', async () => {
    const before = await columns(killed)
    const table = await holding(lockTransfer)
    await approved(killed, 'v1.1.1', 'v1.1.8')
    await until(async () => (await query(killed, waiting)).length === 1, patienceMs)
    await kill()
    const row = await ledgerUpgrade(hub.store, killed, 'v1.1.8', ended)
    await table.release()
    expect(row).toMatchObject({ outcome: 'rolled-back', message: expect.stringContaining('exit code 137') })
    await until(async () => (await query(killed, waiting)).length === 0, patienceMs)
    await expectAsBefore(before)
  })

  test('after it migrated, with its result lost: held, because nobody can tell from the cluster how far it came', async () => {
    const before = await columns(killed)
    const { id, planHash } = await offered(killed, 'v1.1.3', 'v1.1.9')
    const table = await holding(lockTransfer)
    await refit('approve', `${killed}/ledger`, '--plan', planHash, '--yes')
    await until(async () => (await query(killed, waiting)).length === 1, patienceMs)
    await hub.refit.killWorker()
    await table.release()
    const done = async () => (await jobPods(id)).every(({ status }) => status.phase === 'Succeeded')
    await until(done, patienceMs)
    await hub.kubectl('-n', killed, 'delete', 'job', '-l', `refit.dev/upgrade=${id}`)
    await until(async () => (await jobPods(id)).length === 0, patienceMs)
    await hub.refit.startWorker()
    const row = await ledgerUpgrade(hub.store, killed, 'v1.1.9', ended)
    expect(row).toMatchObject({ outcome: 'held', message: expect.stringContaining('look how far it came') })
    expect(await columns(killed)).toEqual([...before, 'quoteId', 'reference'])
    await expectNothingPatched()
    await refit('resolve', `${killed}/ledger`, '--reason', 'looked at the columns', '--yes')
  })

  test('its pod deleted by force, which its process may outlive: held, not judged', async () => {
    const table = await holding(lockTransfer)
    const { id } = await approved(killed, 'v1.1.5', 'v1.1.10')
    await until(async () => (await query(killed, waiting)).length === 1, patienceMs)
    const names = (await jobPods(id)).map(({ metadata }) => metadata.name)
    await hub.kubectl('-n', killed, 'delete', 'pod', '--force', '--grace-period=0', ...names)
    const row = await ledgerUpgrade(hub.store, killed, 'v1.1.10', ended)
    await table.release()
    expect(row).toMatchObject({ outcome: 'held', message: expect.stringContaining('its process may outlive it') })
    await expectNothingPatched()
  })
})
