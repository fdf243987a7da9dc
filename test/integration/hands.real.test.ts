import { upgradeWorkflowId } from '../../src/domain/temporal-names'
import type { UpgradeRow } from '../../src/store/contracts'
import { openSimulatedHub, simulatedConfig, type SimulatedHub, until } from '../support/simulated-hub'

const names = ['regretted', 'resumed', 'returned', 'crashed', 'repaired', 'scaled', 'removed', 'emptied', 'reset']
let hub: SimulatedHub
beforeAll(async () => {
  // A namespace that goes takes its rights away first, and that would be told instead.
  hub = await openSimulatedHub(simulatedConfig({ approve: names }).replace('stall: 4s', 'stall: 15s'), {
    allRights: true,
  })
  await hub.startWorker()
})
afterAll(() => hub?.close())

const waits = ({ phase, waitingFor, outcome }: UpgradeRow) => phase === 'approval' && waitingFor !== '' && !outcome
const ended = ({ outcome }: UpgradeRow) => outcome !== null
const endedAgain = ({ outcome }: UpgradeRow) => outcome !== null && outcome !== 'held'
const service = (name: string) => `${name}/${name}`
const idOf = (name: string) => upgradeWorkflowId(name, name)

async function refit(...args: string[]): Promise<string> {
  const { code, output } = await hub.refit(...args, '--by', 'ana@example.org')
  if (code !== 0) throw new Error(`refit ${args.join(' ')}: ${code} ${output}`)
  return output
}

/** Approves the upgrade to a tag, which is pushed; its digest. */
async function upgrading(name: string, tag: string): Promise<string> {
  await hub.deploy(name)
  const digest = await hub.push(name, tag)
  const { planHash } = await hub.upgradeWhere(name, waits)
  await refit('approve', service(name), '--plan', planHash)
  return digest
}

/** Its new pods never get ready, so that it goes on until its stall time. */
async function rolling(name: string): Promise<UpgradeRow> {
  await upgrading(name, 'v1.1.0-never-ready.1')
  await until(async () => (await hub.image(name)).includes('never-ready'))
  return hub.upgradeWhere(name, ({ phase, outcome }) => phase === 'rollout' || outcome !== null)
}

const quarantined = async (name: string) =>
  (await hub.store.quarantine.list()).filter(({ namespace }) => namespace === name).map(({ digest }) => digest)

test('a succeeded upgrade is rolled back by hand to what ran before, and its digest is not offered again', async () => {
  const digest = await upgrading('regretted', 'v1.1.0')
  const first = await hub.upgradeWhere('regretted', ended)
  expect(first.outcome).toBe('succeeded')
  const shown = await refit('rollback', service('regretted'), '--reason', 'slow', '--dry-run')
  expect(shown).toContain('would go back from v1.1.0 to v1.0.0')
  expect(await hub.image('regretted')).toBe(`hub/regretted:v1.1.0@${digest}`)

  await refit('rollback', service('regretted'), '--yes', '--reason', 'slow')
  const back = await hub.upgradeWhere('regretted', ({ id, outcome }) => id !== first.id && outcome !== null)
  expect(back).toMatchObject({ outcome: 'succeeded', fromTag: 'v1.1.0', toTag: 'v1.0.0' })
  expect(await hub.image('regretted')).toBe('hub/regretted:v1.0.0')
  expect(await quarantined('regretted')).toEqual([digest])
  const events = await hub.store.upgrades.events(back.id)
  expect(events.find(({ kind }) => kind === 'requested')).toMatchObject({ by: 'ana@example.org' })

  // What was rolled back to can't be taken back in turn.
  await expect(refit('rollback', service('regretted'), '--yes', '--reason', 'again')).rejects.toThrow('is a rollback')
})

test('a Reset in the Web UI of what has ended repeats no effect', async () => {
  await upgrading('reset', 'v1.1.0')
  const row = await hub.upgradeWhere('reset', ended)
  const [writes, image] = [await hub.writes('reset'), await hub.image('reset')]
  await hub.temporal(
    ...['workflow', 'reset', '--workflow-id', idOf('reset'), '--type', 'FirstWorkflowTask', '--reason', 'test'],
  )
  await until(async () => {
    const described = await hub.temporal('workflow', 'describe', '--workflow-id', idOf('reset'), '--output', 'json')
    return !described.includes('WORKFLOW_EXECUTION_STATUS_RUNNING') && described
  })
  expect([await hub.writes('reset'), await hub.image('reset')]).toEqual([writes, image])
  expect(await hub.upgradeWhere('reset', ended)).toMatchObject({ id: row.id, outcome: 'succeeded' })
})

test('a rollback by hand is refused where somebody changed the service since', async () => {
  await upgrading('repaired', 'v1.1.0')
  await hub.upgradeWhere('repaired', ended)
  await hub.push('repaired', 'v1.0.5')
  const image = `${hub.stack.registry.host}/hub/repaired:v1.0.5`
  await hub.kubectl('-n', 'repaired', 'set', 'image', 'deployment/repaired', `app=${image}`)
  await expect(refit('rollback', service('repaired'), '--yes', '--reason', 'x')).rejects.toThrow(
    /was changed by somebody|is under way/,
  )
})

test('a failure is diagnosed: the pod, the rule that fired, and how long it took', async () => {
  await upgrading('crashed', 'v1.1.0-never-ready.2')
  const row = await hub.upgradeWhere('crashed', ended)
  expect(row.outcome).toBe('rolled-back')
  const [diagnosis] = await hub.store.diagnoses.list(row.id)
  expect(diagnosis).toMatchObject({
    phase: 'rollout',
    kind: 'failed',
    pods: [{ workload: 'crashed', container: 'app' }],
  })
  expect(diagnosis?.detected?.ms).toBeGreaterThan(0)
  expect((await hub.refit('history', '--upgrade', row.id)).output).toContain('why it failed in rollout')
  const [{ alert }] = (await hub.query<{ alert: { text: string } }>(
    `select alert from outbox where alert->>'title' like 'crashed/crashed%was rolled back'`,
  )) as [{ alert: { text: string } }]
  expect(alert.text).toContain('Undone: crashed set back to v1.0.0')
  expect(alert.text).toContain('Rule ')
})

/** Terminated in its rollout, and held by the next scan. */
async function orphaned(name: string): Promise<UpgradeRow> {
  await rolling(name)
  await hub.temporal('workflow', 'terminate', '--workflow-id', idOf(name), '--reason', 'test')
  const row = await hub.upgradeWhere(name, ended)
  expect(row).toMatchObject({ outcome: 'held', heldReason: 'orphaned' })
  return row
}

test('an upgrade that lost its workflow is put back on request, and its record says by whom', async () => {
  const { id } = await orphaned('returned')
  await refit('resume', service('returned'), '--rollback', '--yes', '--reason', 'not now')
  const row = await hub.upgradeWhere('returned', endedAgain)
  expect(row).toMatchObject({ id, outcome: 'aborted', message: 'aborted by ana@example.org: not now' })
  expect(await hub.image('returned')).toBe('hub/returned:v1.0.0')
  expect(await hub.writes('returned')).toEqual(['patch deployments/returned', 'patch deployments/returned'])
})

test('an upgrade that lost its workflow goes on where it was: nothing is patched twice, and it ends by the same rules', async () => {
  const { id } = await orphaned('resumed')
  await refit('resume', service('resumed'))
  const row = await hub.upgradeWhere('resumed', endedAgain)
  expect(row).toMatchObject({ id, outcome: 'rolled-back' })
  expect(await hub.image('resumed')).toBe('hub/resumed:v1.0.0')
  expect(await hub.writes('resumed')).toEqual(['patch deployments/resumed', 'patch deployments/resumed'])
  expect((await hub.store.upgrades.events(id)).map(({ kind }) => kind)).toContain('reopened')
})

test('a workload that is scaled meanwhile, as an autoscaler does, is no conflict', async () => {
  await rolling('scaled')
  await hub.kubectl('-n', 'scaled', 'scale', 'deployment/scaled', '--replicas=3')
  const row = await hub.upgradeWhere('scaled', ended)
  expect(row.outcome).toBe('rolled-back')
  const replicas = await hub.kubectl('-n', 'scaled', 'get', 'deployment', 'scaled', '-o', 'jsonpath={.spec.replicas}')
  expect(replicas).toBe('3')
})

test.each([
  ['removed', ['delete', 'deployment', 'removed', '--wait=false'], 'its Deployment is deleted'],
  ['emptied', ['delete', 'namespace', 'emptied', '--wait=false'], 'its namespace is removed'],
])('%s: held as vanished when %s', async (name, args) => {
  await rolling(name)
  await hub.kubectl('-n', name, ...args)
  const row = await hub.upgradeWhere(name, ended)
  expect(row).toMatchObject({ outcome: 'held', heldReason: 'vanished' })
  const [resolved] = [await hub.refit('resolve', service(name), '--yes', '--as', 'rolled-back', '--reason', 'x')]
  expect(resolved?.code).not.toBe(0)
  await refit('resolve', service(name), '--yes', '--force', '--reason', 'it is gone for good')
  expect((await hub.store.upgrades.listHeld()).map(({ namespace }) => namespace)).not.toContain(name)
})
