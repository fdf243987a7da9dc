import { RefitError } from '../../src/domain/errors'
import { auditEvents } from '../support/audit-log'
import { changes, images, openCluster, until, type Cluster } from './kubernetes-cluster'

let cluster: Cluster
beforeAll(async () => void (cluster = await openCluster()))
afterAll(() => cluster.close())

const asked = async (namespace: string): Promise<number> =>
  (await auditEvents(cluster.stack)).filter(
    ({ userAgent, objectRef }) => userAgent === 'refit' && objectRef?.namespace === namespace,
  ).length

test('a rollout is followed from its patch to its end without asking, and never seen before the patch', async () => {
  const { namespace, ref } = await cluster.hub()
  const following = cluster.kubernetes.followRollout(namespace, ref)
  await following.look()
  await cluster.kubernetes.patchImages(namespace, ref, changes)
  const before = await asked(namespace)
  for (;;) {
    const seen = await following.look()
    expect(seen.containers.map(({ image }) => image)).toContain(images.wanted)
    const { observedGeneration, generation, updated, total, available } = seen
    if (observedGeneration === generation && updated === 3 && total === 3 && available === 3) break
    await following.changed()
  }
  expect((await asked(namespace)) - before).toBe(0)
  await until(following.look, ({ pods }) => pods.length === 3)
  expect(await following.look()).toEqual(await cluster.kubernetes.observeRollout(namespace, ref))
  following.end()
})

test('while the API server is away nothing can be seen, and afterwards what happened meanwhile', async () => {
  const { namespace, ref } = await cluster.hub()
  const following = cluster.kubernetes.followRollout(namespace, ref)
  await following.look()
  const changed = following.changed()
  await cluster.stack.stop('kube-apiserver')
  await changed
  const seen = await until(
    () => following.look().catch((error: unknown) => error),
    (each) => each instanceof RefitError,
  )
  expect(seen).toMatchObject({ code: 'KUBERNETES_UNAVAILABLE', retryable: true })
  await cluster.stack.start('kube-apiserver')
  await cluster.kubectl('-n', namespace, 'scale', 'deployment/ledger', '--replicas=4')
  await until(
    () => following.look().catch(() => undefined),
    (each) => each?.desired === 4 && each.available === 4,
  )
  following.end()
})
