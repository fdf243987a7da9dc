import { randomBytes } from 'node:crypto'
import type { WorkloadRef } from '../../src/clients/contracts'
import { judgeRollout, newMemory, type RolloutObservation, type Verdict } from '../../src/domain/rollout'
import type { Service, WorkloadKind } from '../../src/domain/service'
import { images, openCluster, until, type Cluster } from './kubernetes-cluster'
import { kindManifest } from './kubernetes-kinds'
import { digest } from './kubernetes-objects'

let cluster: Cluster
let namespace: string
let service: Service

beforeAll(async () => {
  cluster = await openCluster()
})
afterAll(() => cluster?.close())

/** A namespace with these workloads of one service, all pods ready. */
async function deploy(...manifests: ReturnType<typeof kindManifest>[]): Promise<void> {
  namespace = `kinds-${randomBytes(3).toString('hex')}`
  const placed = manifests.map((each) => ({ ...each, metadata: { ...each.metadata, namespace } }))
  await cluster.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }, ...placed)
  const [found] = await until(
    () => cluster.kubernetes.observeServices([namespace]),
    ([each]) => each?.workloads.length === manifests.length,
  )
  service = found as Service
  for (const workload of service.workloads)
    await until(
      () => look(workload),
      ({ kind, desired, available }) => kind === 'CronJob' || (desired > 0 && available === desired),
    )
}

const refOf = (kind: WorkloadKind): WorkloadRef => service.workloads.find((each) => each.kind === kind) as WorkloadRef
const look = (workload: WorkloadRef) => cluster.kubernetes.observeRollout(namespace, workload)
const patch = (workload: WorkloadRef, from: string, to: string) =>
  cluster.kubernetes.patchImages(namespace, workload, [{ name: 'ledger', init: false, from, to }])

const rules = { stallMs: 3_000, deadlineMs: 30_000 }

/** Looks until the verdict is another than progressing, as a watch does. */
async function watched(workload: WorkloadRef, image: string): Promise<{ verdict: Verdict; seen: RolloutObservation }> {
  const expected = { containers: [{ name: 'ledger', init: false, image }], digest: image.split('@')[1] as string }
  let memory = newMemory(Date.now())
  let last: { verdict: Verdict; seen: RolloutObservation } | undefined
  return until(
    async () => {
      const seen = await look(workload)
      const judged = judgeRollout(seen, expected, rules, memory, Date.now())
      memory = judged.memory
      last = { verdict: judged.verdict, seen }
      return last
    },
    ({ verdict }) => verdict.kind !== 'progressing',
  )
}

const newPods = ({ pods }: RolloutObservation) => pods.filter(({ isNew, ready }) => isNew && ready)

test('the workloads of a service are of any kind, and CronJobs come last', async () => {
  await deploy(
    kindManifest('CronJob', 'report'),
    kindManifest('DaemonSet', 'agent'),
    kindManifest('StatefulSet', 'books'),
    kindManifest('Deployment', 'report'),
  )
  expect(service.workloads.map(({ kind, name, strategy }) => [kind, name, strategy.type])).toEqual([
    ['DaemonSet', 'agent', 'RollingUpdate'],
    ['StatefulSet', 'books', 'RollingUpdate'],
    ['Deployment', 'report', 'RollingUpdate'],
    ['CronJob', 'report', 'OnDelete'],
  ])
  expect(service.runningDigests).toEqual([digest('1')])
})

test.each<WorkloadKind>(['StatefulSet', 'DaemonSet'])('a %s is patched and watched to the end', async (kind) => {
  await deploy(kindManifest(kind, 'books'))
  const workload = refOf(kind)
  const begun = await look(workload)
  expect(begun.pods.every(({ isNew }) => isNew)).toBe(true)
  expect(await patch(workload, images.old, images.wanted)).toEqual({ changed: true })
  expect(await patch(workload, images.old, images.wanted)).toEqual({ changed: false })
  const { verdict, seen } = await watched(workload, images.wanted)
  expect(verdict).toMatchObject({ kind: 'healthy', reason: 'complete' })
  expect(seen.templateHash).not.toBe(begun.templateHash)
  expect(newPods(seen)).toHaveLength(seen.desired)
  expect(new Set(newPods(seen).flatMap(({ digests }) => digests))).toEqual(new Set([digest('2')]))
})

test('a partition keeps the pods below it, and the rollout is complete without them', async () => {
  await deploy(kindManifest('StatefulSet', 'books', { updateStrategy: { rollingUpdate: { partition: 2 } } }))
  const workload = refOf('StatefulSet')
  await patch(workload, images.old, images.wanted)
  const { verdict, seen } = await watched(workload, images.wanted)
  expect(verdict).toEqual({
    kind: 'healthy',
    reason: 'complete',
    sentence: '1 of 3 pods are new and all are available; the partition keeps the others as they are',
  })
  expect(newPods(seen).map(({ name }) => name)).toEqual(['books-2'])
})

test('a bad pod of a StatefulSet blocks its rollback until it is deleted', async () => {
  await deploy(kindManifest('StatefulSet', 'books'))
  const workload = refOf('StatefulSet')
  const bad = images.wanted.replace('v1.0.1', 'v1.0.1-never-ready')
  await patch(workload, images.old, bad)
  const failed = await watched(workload, bad)
  expect(failed.verdict).toMatchObject({ kind: 'failed', reason: 'stall' })
  expect(failed.seen.available).toBe(2)

  await patch(workload, bad, images.old)
  const restored = await until(
    () => look(workload),
    ({ observedGeneration, generation }) => observedGeneration === generation,
  )
  const stuck = restored.pods.find(({ isNew }) => !isNew)
  await cluster.kubernetes.deletePod(namespace, 'books-2', 'another')
  expect((await look(workload)).pods.find(({ name }) => name === 'books-2')?.uid).toBe(stuck?.uid)
  await cluster.kubernetes.deletePod(namespace, 'books-2', stuck?.uid ?? '')
  await cluster.kubernetes.deletePod(namespace, 'books-9', 'never there')
  expect((await watched(workload, images.old)).verdict.kind).toBe('healthy')
})

test.each<WorkloadKind>(['StatefulSet', 'DaemonSet'])('%s with OnDelete: the next pod uses it', async (kind) => {
  await deploy(kindManifest(kind, 'books', { updateStrategy: { type: 'OnDelete' } }))
  const workload = refOf(kind)
  await patch(workload, images.old, images.wanted)
  const { verdict, seen } = await watched(workload, images.wanted)
  expect(verdict).toMatchObject({
    kind: 'healthy',
    reason: 'not-yet-run',
    sentence: expect.stringContaining('OnDelete'),
  })
  expect(seen.pending).toBe('pod')
  for (const { name, uid = '' } of seen.pods) await cluster.kubernetes.deletePod(namespace, name, uid)
  const later = await until(
    () => look(workload),
    ({ pending }) => pending === undefined,
  )
  expect(later.wantedNew).toBe(later.desired)
  expect((await watched(workload, images.wanted)).verdict.reason).toBe('complete')
})

describe('a CronJob', () => {
  const run = (name: string) => cluster.kubectl('-n', namespace, 'create', 'job', name, '--from=cronjob/report')
  const ended = (name: string) =>
    until(
      () => look(refOf('CronJob')),
      ({ lastRun }) => lastRun?.name === name && lastRun.state !== 'running',
    )

  test('is judged by the run of its new template, and until there is one it is not yet run', async () => {
    await deploy(kindManifest('CronJob', 'report'))
    const workload = refOf('CronJob')
    await run('before')
    expect((await ended('before')).lastRun).toMatchObject({ isNew: true, state: 'succeeded' })
    await patch(workload, images.old, images.wanted)
    const { verdict, seen } = await watched(workload, images.wanted)
    expect(verdict).toMatchObject({ kind: 'healthy', reason: 'not-yet-run' })
    expect(seen).toMatchObject({ pending: 'run', lastRun: { name: 'before', isNew: false } })
    expect(seen.nextRunAt).toBeGreaterThan(Date.now())

    await run('after')
    await ended('after')
    expect((await watched(workload, images.wanted)).verdict).toMatchObject({ kind: 'healthy', reason: 'complete' })
  })

  test('whose run fails has failed', async () => {
    await deploy(kindManifest('CronJob', 'report'))
    const workload = refOf('CronJob')
    const bad = images.wanted.replace('v1.0.1', 'v1.0.1-run-fails')
    await patch(workload, images.old, bad)
    const since = Date.now() - 1_000
    await run('bad')
    const seen = await ended('bad')
    expect(seen.lastRun).toMatchObject({ isNew: true, state: 'failed', reason: expect.stringContaining('exit code 3') })
    const expected = { containers: [{ name: 'ledger', init: false, image: bad }], digest: null }
    expect(judgeRollout(seen, expected, rules, newMemory(since), Date.now()).verdict).toMatchObject({
      kind: 'failed',
      reason: 'run-failed',
    })
  })

  test('that is suspended says no next run', async () => {
    await deploy(kindManifest('CronJob', 'report', { suspend: true }))
    const seen = await look(refOf('CronJob'))
    expect([seen.pending, seen.nextRunAt]).toEqual(['run', undefined])
  })
})

test('a migration Job runs like a CronJob, where the service has nothing else', async () => {
  await deploy(kindManifest('CronJob', 'report'))
  const job = { namespace, name: 'refit-a', image: images.wanted, command: ['true'], deadlineMs: 60_000, labels: {} }
  await cluster.kubernetes.startJob({ ...job, like: { kind: 'CronJob', workload: 'report', container: 'ledger' } })
  const state = await until(
    () => cluster.kubernetes.jobState(namespace, job.name),
    ({ kind }) => kind !== 'running',
  )
  expect(state).toEqual({ kind: 'succeeded' })
})
