import type { JobSpec } from '../../src/clients/contracts'
import { changes, images, ledgerDeployment, openCluster, until, type Cluster } from './kubernetes-cluster'
import { digest } from './kubernetes-objects'

let cluster: Cluster

beforeAll(async () => {
  cluster = await openCluster()
})
afterAll(() => cluster?.close())

const templateOf = async (namespace: string): Promise<{ spec: { containers: object[]; initContainers: object[] } }> =>
  JSON.parse(
    await cluster.kubectl('-n', namespace, 'get', 'deployment', 'ledger', '-o', 'jsonpath={.spec.template}'),
  ) as never

test('services are found by their image, over workloads and init containers', async () => {
  const { namespace } = await cluster.hub()
  const services = await cluster.kubernetes.observeServices([namespace, 'a-namespace-that-is-not-there'])
  expect(services.map(({ name: each, repository }) => [each, repository])).toEqual([
    ['ledger', 'registry.example.org/hub/ledger'],
    ['proxy', 'registry.example.org/tools/proxy'],
  ])
  expect(services[0]?.workloads.map((each) => [each.name, each.replicas, each.strategy])).toEqual([
    ['ledger', 3, { type: 'RollingUpdate', maxSurge: 2, maxUnavailable: 0 }],
    ['consumer', 1, { type: 'RollingUpdate', maxSurge: 1, maxUnavailable: 0 }],
  ])
  expect(services[0]?.workloads[0]).toMatchObject({
    containers: [
      { name: 'run-migration', init: true, image: images.old },
      { name: 'ledger', init: false, image: images.old },
    ],
    ...{ hasReadinessProbe: true, hasPreStop: false, paused: false, revisionHistoryLimit: 10 },
  })
  expect(services[0]?.runningDigests).toEqual([digest('1')])
})

test('a patch changes the named images and nothing else, once, and its rollout can be watched to the end', async () => {
  const { namespace, ref } = await cluster.hub()
  const before = await templateOf(namespace)

  expect(await cluster.kubernetes.patchImages(namespace, ref, changes, { dryRun: true })).toEqual({ changed: true })
  expect(await templateOf(namespace)).toEqual(before)

  const begun = await cluster.kubernetes.observeRollout(namespace, ref)
  expect(begun.pods.map(({ isNew, digests }) => [isNew, digests])).toEqual(Array(3).fill([true, expect.any(Array)]))
  expect(await cluster.kubernetes.patchImages(namespace, ref, changes)).toEqual({ changed: true })
  expect(await cluster.kubernetes.patchImages(namespace, ref, changes)).toEqual({ changed: false })

  const { containers, initContainers } = before.spec
  expect(await templateOf(namespace)).toEqual({
    ...before,
    spec: {
      ...before.spec,
      initContainers: [{ ...initContainers[0], image: images.wanted }],
      containers: [{ ...containers[0], image: images.wanted }, containers[1]],
    },
  })
  const seen = await until(
    () => cluster.kubernetes.observeRollout(namespace, ref),
    ({ observedGeneration, generation, updated, total, available }) =>
      observedGeneration === generation && updated === 3 && total === 3 && available === 3,
  )
  expect(seen.templateHash).not.toBe(begun.templateHash)
  expect(seen.pods.filter(({ isNew, ready, deleting }) => isNew && ready && !deleting)).toHaveLength(3)
  expect(seen.conditions.map(({ type }) => type).sort()).toEqual(['Available', 'Progressing'])
  const owner = await cluster.kubectl(
    '-n',
    namespace,
    'get',
    'deployment',
    'ledger',
    '--show-managed-fields',
    '-o',
    'json',
  )
  expect(JSON.stringify(JSON.parse(owner).metadata.managedFields)).toContain('"manager":"refit"')
})

test('what somebody changed meanwhile is left alone', async () => {
  const { namespace, ref } = await cluster.hub()
  await cluster.kubectl('-n', namespace, 'set', 'image', 'deployment/ledger', `ledger=${images.hotfix}`)
  const before = await templateOf(namespace)
  await expect(cluster.kubernetes.patchImages(namespace, ref, changes)).rejects.toMatchObject({
    code: 'KUBERNETES_CONFLICT',
    message: expect.stringContaining('container ledger of deployment'),
  })
  expect(await templateOf(namespace)).toEqual(before)
})

test('of two that patch at once to different images, one loses and changes nothing', async () => {
  const { namespace, ref } = await cluster.hub()
  const to = (target: string) =>
    cluster.kubernetes.patchImages(
      namespace,
      ref,
      changes.map((each) => ({ ...each, to: target })),
    )
  const targets = [images.wanted, images.other]
  const results = await Promise.allSettled(targets.map(to))
  expect(results.map((result) => result.status).sort()).toEqual(['fulfilled', 'rejected'])
  const lost = results.find((result) => result.status === 'rejected')
  expect(lost).toMatchObject({ reason: { code: 'KUBERNETES_CONFLICT' } })
  const won = targets[results.findIndex((result) => result.status === 'fulfilled')]
  const { spec } = await templateOf(namespace)
  expect([spec.initContainers[0], spec.containers[0]]).toMatchObject([{ image: won }, { image: won }])
})

test('a Deployment that has gone, or was created again, is not found', async () => {
  const { namespace, ref } = await cluster.hub()
  const missing = { code: 'KUBERNETES_NOT_FOUND', retryable: false }
  await cluster.kubernetes.observeRollout(namespace, ref)
  await cluster.kubectl('-n', namespace, 'delete', 'deployment', 'ledger')
  await expect(cluster.kubernetes.observeRollout(namespace, ref)).rejects.toMatchObject(missing)
  await cluster.apply(ledgerDeployment(namespace, 'ledger', 3))
  await expect(cluster.kubernetes.observeRollout(namespace, ref)).rejects.toMatchObject(missing)
  await expect(cluster.kubernetes.patchImages(namespace, ref, changes)).rejects.toMatchObject(missing)
})

test('a Job is created once, found again, watched to its end and deleted', async () => {
  const { namespace } = await cluster.hub()
  const job: JobSpec = {
    ...{
      namespace,
      name: 'refit-ledger-abc-0',
      image: images.wanted,
      command: ['npm', 'run', 'migrate'],
      deadlineMs: 60_000,
    },
    like: { workload: 'ledger', container: 'ledger' },
    labels: { 'refit.dev/upgrade': 'abc' },
  }
  expect(await cluster.kubernetes.jobState(namespace, job.name)).toEqual({ kind: 'absent' })
  await cluster.kubernetes.startJob(job)
  const uid = () => cluster.kubectl('-n', namespace, 'get', 'job', job.name, '-o', 'jsonpath={.metadata.uid}')
  const first = await uid()
  await cluster.kubernetes.startJob(job)
  expect(await uid()).toBe(first)

  const other = { ...job, labels: { 'refit.dev/upgrade': 'another' } }
  await expect(cluster.kubernetes.startJob(other)).rejects.toMatchObject({ code: 'KUBERNETES_CONFLICT' })
  const state = await until(
    () => cluster.kubernetes.jobState(namespace, job.name),
    ({ kind }) => kind !== 'running',
  )
  expect(state).toEqual({ kind: 'succeeded' })
  // Simulated nodes keep no logs; that must not hide how the Job ended.
  expect(typeof (await cluster.kubernetes.jobLogs(namespace, job.name))).toBe('string')

  await cluster.kubernetes.deleteJob(namespace, job.name)
  await cluster.kubernetes.deleteJob(namespace, job.name)
  expect(
    await until(
      () => cluster.kubernetes.jobState(namespace, job.name),
      ({ kind }) => kind === 'absent',
    ),
  ).toBeDefined()
  const pods = () => cluster.kubectl('-n', namespace, 'get', 'pods', '-l', `job-name=${job.name}`, '-o', 'name')
  expect(await until(pods, (names) => names === '')).toBe('')
  expect(await cluster.kubernetes.jobLogs(namespace, 'never-there')).toBe('')
})

test("somebody else's Job of the same name is neither taken nor deleted", async () => {
  const { namespace } = await cluster.hub()
  await cluster.kubectl('-n', namespace, 'create', 'job', 'theirs', '--image=busybox')
  await expect(cluster.kubernetes.deleteJob(namespace, 'theirs')).rejects.toMatchObject({ code: 'KUBERNETES_CONFLICT' })
  expect((await cluster.kubernetes.jobState(namespace, 'theirs')).kind).not.toBe('absent')
})

// Nobody routes to a simulated pod, so none is asked: what is said here comes from the API server.
test('what the API server says of a pod is no answer of the pod', async () => {
  const { namespace } = await cluster.hub()
  const unplaced = { nodeSelector: { place: 'nowhere' }, containers: [{ name: 'a', image: images.old }] }
  await cluster.apply({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'unplaced', namespace }, spec: unplaced })
  const ask = (pod: string) => cluster.kubernetes.podGet(namespace, pod, 3001, '/health', 2_000)
  await expect(ask('unplaced')).rejects.toMatchObject({ code: 'KUBERNETES_INVALID' })
  await expect(ask('no-such-pod')).rejects.toMatchObject({ code: 'KUBERNETES_NOT_FOUND' })
})

test('new pods that never become ready are seen beside the old ones', async () => {
  const { namespace, ref } = await cluster.hub()
  const to = images.wanted.replace('v1.0.1', 'v1.0.1-never-ready')
  const broken = changes.map((each) => ({ ...each, to }))
  await cluster.kubernetes.patchImages(namespace, ref, broken)
  const seen = await until(
    () => cluster.kubernetes.observeRollout(namespace, ref),
    ({ pods }) => pods.some(({ isNew, phase }) => isNew && phase === 'Running'),
  )
  expect(seen.pods.filter(({ isNew, ready }) => isNew && ready)).toEqual([])
  expect(seen.pods.filter(({ isNew, ready }) => !isNew && ready)).toHaveLength(3)
})

test('an API server that is away is unavailable, and found again when it is back', async () => {
  const { namespace } = await cluster.hub()
  await cluster.stack.stop('kube-apiserver')
  const away = { code: 'KUBERNETES_UNAVAILABLE', retryable: true }
  await expect(cluster.kubernetes.observeServices([namespace])).rejects.toMatchObject(away)
  await cluster.stack.start('kube-apiserver')
  const services = await until(
    () => cluster.kubernetes.observeServices([namespace]).catch(() => []),
    (seen) => seen.length > 0,
  )
  expect(services.map(({ name }) => name)).toEqual(['ledger', 'proxy'])
})
