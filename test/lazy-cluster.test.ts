import { lazyCluster } from '../src/lazy-cluster'

const inPod = { KUBERNETES_SERVICE_HOST: '10.96.0.1', KUBERNETES_SERVICE_PORT: '443' }
const before = { ...process.env }
afterEach(() => {
  process.env = { ...before }
})

test.each<[string, NodeJS.ProcessEnv, string | undefined]>([
  ['a pod without a token of a service account', inPod, undefined],
  ['a machine outside of any cluster', { KUBERNETES_SERVICE_HOST: '', KUBERNETES_SERVICE_PORT: '' }, undefined],
  ['a kubeconfig that is not there', {}, '/nowhere/kubeconfig'],
])('%s has no rights in the cluster, and it is said so', async (_name, env, kubeconfig) => {
  Object.assign(process.env, env)
  const cluster = lazyCluster(
    { config: { registries: [] }, store: { registryHosts: {} as never }, kubeconfig, env: {} },
    () => undefined,
  )
  await expect(cluster.open()).rejects.toMatchObject({
    code: 'KUBERNETES_FORBIDDEN',
    message: 'This server has no rights in the cluster.',
    next: expect.stringContaining('REFIT_KUBECONFIG') as string,
  })
  await cluster.close()
})
