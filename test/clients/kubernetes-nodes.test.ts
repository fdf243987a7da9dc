import { servicesOf } from '../../src/clients/kubernetes/observe-services'
import { startFakeApi, status, type FakeApi } from './kubernetes-api'
import { deployment, digest, pod } from './kubernetes-objects'

let api: FakeApi
beforeAll(async () => {
  api = await startFakeApi()
})
afterAll(() => api.close())

describe('platforms of nodes', () => {
  test('as the kubelets say, else by their labels', async () => {
    const labels = { 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': 'arm64' }
    api.answer(() => ({
      body: {
        items: [
          {
            metadata: { name: 'a', labels },
            status: { nodeInfo: { operatingSystem: 'linux', architecture: 'amd64' } },
          },
          { metadata: { name: 'b', labels }, status: {} },
          { metadata: { name: 'c' } },
        ],
      },
    }))
    expect(await api.kubernetes.nodePlatforms()).toEqual({ a: 'linux/amd64', b: 'linux/arm64' })
  })

  test('are unknown to credentials that may not list nodes; other errors are errors', async () => {
    api.answer(() => status(403, 'Forbidden', 'nodes is forbidden: User "x" cannot list resource "nodes"'))
    expect(await api.kubernetes.nodePlatforms()).toBeUndefined()
    api.answer(() => status(500, 'InternalError', 'etcd is gone'))
    await expect(api.kubernetes.nodePlatforms()).rejects.toMatchObject({ code: 'KUBERNETES_UNAVAILABLE' })
  })
})

describe("a Secret's Docker configuration", () => {
  const config = '{"auths":{}}'
  const encoded = Buffer.from(config).toString('base64')

  test('is read by its name, with get', async () => {
    api.answer(() => ({ body: { type: 'kubernetes.io/dockerconfigjson', data: { '.dockerconfigjson': encoded } } }))
    expect(await api.kubernetes.dockerConfigSecret('hub', 'registry')).toBe(config)
    expect(api.asked.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'GET /api/v1/namespaces/hub/secrets/registry',
    ])
  })

  test('is undefined where there is none', async () => {
    api.answer(() => ({ body: { type: 'Opaque', data: { password: encoded } } }))
    expect(await api.kubernetes.dockerConfigSecret('hub', 'registry')).toBeUndefined()
    api.answer(() => status(404, 'NotFound', 'secrets "registry" not found'))
    expect(await api.kubernetes.dockerConfigSecret('hub', 'registry')).toBeUndefined()
  })

  test('that may not be read is an error', async () => {
    api.answer(() => status(403, 'Forbidden', 'secrets "registry" is forbidden'))
    await expect(api.kubernetes.dockerConfigSecret('hub', 'registry')).rejects.toMatchObject({
      code: 'KUBERNETES_FORBIDDEN',
    })
  })
})

describe('of a service', () => {
  const image = 'example.org/a:v1'
  const withSpec = (name: string, spec: object, metadata: object = {}) => {
    const one = pod(name, [image], [`example.org/a@${digest('a')}`])
    return { ...one, metadata: { ...one.metadata, ...metadata }, spec: { containers: [], ...one.spec, ...spec } }
  }

  test('the nodes are those that its pods run on', () => {
    const [service] = servicesOf(
      'hub',
      [deployment('a', { containers: [{ image }] })],
      [
        withSpec('1', { nodeName: 'node-b' }),
        withSpec('2', { nodeName: 'node-a' }),
        withSpec('3', { nodeName: 'node-a' }),
        withSpec('4', {}),
        withSpec('5', { nodeName: 'node-c' }, { deletionTimestamp: '2026-01-01T00:00:00Z' }),
      ],
    )
    expect(service?.nodes).toEqual(['node-a', 'node-b'])
  })

  test('the pull secrets are those of its templates, and those that a service account added to its pods', () => {
    const one = deployment('a', { containers: [{ image }] })
    if (one.spec?.template.spec) one.spec.template.spec.imagePullSecrets = [{ name: 'registry' }, {}]
    const other = deployment('b', { containers: [{ image: 'example.org/b:v1' }] })
    const services = servicesOf('hub', [one, other], [withSpec('1', { imagePullSecrets: [{ name: 'added' }] })])
    expect(services.map(({ name, pullSecrets }) => [name, pullSecrets])).toEqual([
      ['a', ['added', 'registry']],
      ['b', []],
    ])
  })
})
