import { upgradeWorkflowId } from '../../src/domain/temporal-names'
import { ended, hubConfig, inPhase, openRealHub, ledgerUpgrade, type RealHub } from '../support/real-hub'

const namespace = 'hub'
const workflowId = upgradeWorkflowId(namespace, 'ledger')
let hub: RealHub

beforeAll(async () => {
  hub = await openRealHub()
  // What is killed here is the Job: no init container migrates before it.
  await hub.configure(hubConfig(namespace, 'acceptRestartRisk: true'))
  const { ports } = await hub.deploy(namespace)
  // A row without a quote, which the release that wants one on every row can't migrate.
  const body = JSON.stringify({ transferId: 'old-1', payer: 'dfsp-1', payee: 'dfsp-2', amount: 100 })
  const paid = await fetch(`http://127.0.0.1:${ports.ledger}/transfers`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json' },
  })
  expect(paid.status).toBe(202)
  await hub.refit.startWorker()
}, 900_000)
afterAll(() => hub?.close())

const images = async (): Promise<string[]> =>
  (
    await hub.kubectl(
      '-n',
      namespace,
      'get',
      'deployments',
      '-l',
      'app.kubernetes.io/name in (ledger,ledger-consumer)',
      '-o',
      'jsonpath={range .items[*]}{.metadata.name} {.spec.template.spec.initContainers[0].image} {.spec.template.spec.containers[0].image}{"\\n"}{end}',
    )
  )
    .trim()
    .split('\n')
    .map((line) => line.replaceAll(/\S+\/hub\/ledger:/g, '').replaceAll(/@sha256:[0-9a-f]+/g, '@digest'))

const approve = (planHash: string): Promise<string> =>
  hub.temporalCli(
    'workflow',
    'signal',
    '-w',
    workflowId,
    '--name',
    'approve',
    '--input',
    JSON.stringify({ by: 'ops@example.org', planHash }),
  )

test('approved with the temporal CLI while no worker is up, killed in the middle of the rollout: succeeded, nothing done twice', async () => {
  await hub.publish('ledger:v1.0.1')
  const { planHash } = await ledgerUpgrade(hub.store, namespace, 'v1.0.1', inPhase('approval'))
  await hub.refit.killWorker()
  await approve(planHash)
  await hub.refit.startWorker()
  await ledgerUpgrade(hub.store, namespace, 'v1.0.1', inPhase('rollout'))
  await hub.refit.killWorker()
  await hub.refit.startWorker()
  const row = await ledgerUpgrade(hub.store, namespace, 'v1.0.1', ended)
  expect(row).toMatchObject({ outcome: 'succeeded', fromTag: 'v1.0.0' })
  expect(await images()).toEqual(['ledger v1.0.1@digest v1.0.1@digest', 'ledger-consumer v1.0.1@digest v1.0.1@digest'])
  const events = await hub.store.upgrades.events(row.id)
  expect(events.map(({ kind }) => kind)).toEqual([
    'entered',
    'approved',
    'entered',
    'entered',
    'started',
    'migrated',
    'entered',
    'patched',
    'patched',
    'entered',
    'ended',
  ])
  // One new ReplicaSet each: a patch that was repeated after the kill would have been no patch.
  expect(
    await hub.kubectl(
      '-n',
      namespace,
      'get',
      'deployment',
      'ledger',
      '-o',
      'jsonpath={.metadata.annotations.deployment\\.kubernetes\\.io/revision}',
    ),
  ).toBe('2')
})

test('its history stays short', async () => {
  const { historyLength } = await hub.temporal.workflow.getHandle(workflowId).describe()
  expect(historyLength).toBeLessThanOrEqual(150)
})

test('never ready: rolled back to what ran before, its digest quarantined and not offered again', async () => {
  const digests = await hub.publish('ledger:v1.0.2')
  const { planHash } = await ledgerUpgrade(hub.store, namespace, 'v1.0.2', inPhase('approval'))
  await approve(planHash)
  const row = await ledgerUpgrade(hub.store, namespace, 'v1.0.2', ended)
  expect(row).toMatchObject({ outcome: 'rolled-back' })
  // The migrating init container goes back, too: the images say that the old one starts on the schema that is left.
  expect(await images()).toEqual(['ledger v1.0.1@digest v1.0.1@digest', 'ledger-consumer v1.0.1@digest v1.0.1@digest'])
  expect(await hub.store.quarantine.list()).toMatchObject([{ tag: 'v1.0.2', digest: digests['ledger:v1.0.2'] }])
  const after = (await hub.store.scans.last())?.endedAt.getTime() ?? 0
  while (((await hub.store.scans.last())?.endedAt.getTime() ?? 0) <= after)
    await new Promise((resolve) => setTimeout(resolve, 200))
  expect(await hub.store.decisions.read({ namespace, service: 'ledger' })).toMatchObject({ kind: 'held' })
})

test('killed in the middle of its migration Job: the Job runs once, and the upgrade succeeds', async () => {
  await hub.publish('ledger:v1.1.0')
  const { planHash } = await ledgerUpgrade(hub.store, namespace, 'v1.1.0', inPhase('approval'))
  await approve(planHash)
  const { id } = await ledgerUpgrade(hub.store, namespace, 'v1.1.0', inPhase('expand'))
  await hub.refit.killWorker()
  await hub.refit.startWorker()
  const row = await ledgerUpgrade(hub.store, namespace, 'v1.1.0', ended)
  expect(row).toMatchObject({ outcome: 'succeeded' })
  const events = await hub.store.upgrades.events(id)
  expect(events.filter(({ kind }) => kind === 'migrated')).toHaveLength(1)
  const created = (
    await hub.kubectl(
      '-n',
      namespace,
      'get',
      'events',
      '--field-selector',
      'reason=SuccessfulCreate',
      '-o',
      'jsonpath={range .items[*]}{.involvedObject.kind} {.involvedObject.name}{"\\n"}{end}',
    )
  )
    .split('\n')
    .filter((line) => line.startsWith('Job ') && line.includes(id))
  expect(created).toHaveLength(1)
  expect(await hub.store.jobLogs.list(id)).toMatchObject([
    { step: 'expand/0', log: expect.stringContaining('quoteId') },
  ])
})

test('sick during the bake, after its migration ran: the old application starts on the newer schema', async () => {
  await hub.publish('ledger:v1.1.1')
  const { planHash } = await ledgerUpgrade(hub.store, namespace, 'v1.1.1', inPhase('approval'))
  await approve(planHash)
  const row = await ledgerUpgrade(hub.store, namespace, 'v1.1.1', ended)
  expect(row).toMatchObject({ outcome: 'rolled-back', message: expect.stringContaining('/health') })
  expect(await images()).toEqual(['ledger v1.1.1@digest v1.1.0@digest', 'ledger-consumer v1.1.1@digest v1.1.0@digest'])
})

test('a migration that fails stops before any image is patched', async () => {
  const before = await images()
  await hub.publish('ledger:v1.1.4')
  const { planHash } = await ledgerUpgrade(hub.store, namespace, 'v1.1.4', inPhase('approval'))
  await approve(planHash)
  const row = await ledgerUpgrade(hub.store, namespace, 'v1.1.4', ended)
  expect(row).toMatchObject({ outcome: 'rolled-back', message: expect.stringContaining('migration Job') })
  expect(await images()).toEqual(before)
})
