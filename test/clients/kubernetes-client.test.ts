import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createKubernetes } from '../../src/clients/kubernetes'
import { RefitError } from '../../src/domain/errors'
import { startFakeApi, status, type FakeApi } from './kubernetes-api'
import { deployment } from './kubernetes-objects'

let api: FakeApi
beforeAll(async () => {
  api = await startFakeApi()
})
afterAll(() => api.close())

const workload = { kind: 'Deployment', name: 'ledger', uid: 'uid-ledger' } as const
const observe = (signal?: AbortSignal) => api.kubernetes.observeServices(['hub'], signal)

describe('errors', () => {
  const forbidden =
    'deployments.apps is forbidden: User "system:serviceaccount:refit:refit" cannot list resource "deployments" in API group "apps" in the namespace "hub"'
  test.each([
    ['401', status(401, 'Unauthorized', 'Unauthorized'), 'KUBERNETES_FORBIDDEN', "doesn't accept the credentials"],
    ['403', status(403, 'Forbidden', forbidden), 'KUBERNETES_FORBIDDEN', 'cannot list resource "deployments"'],
    ['404', status(404, 'NotFound', 'not found'), 'KUBERNETES_NOT_FOUND', 'not found'],
    ['409', status(409, 'Conflict', 'object modified'), 'KUBERNETES_CONFLICT', 'object modified'],
    ['410', status(410, 'Expired', 'continue token too old'), 'KUBERNETES_UNAVAILABLE', 'too old'],
    ['429', { status: 429, headers: { 'retry-after': '3' } }, 'KUBERNETES_UNAVAILABLE', 'asks to wait 3 s'],
    ['500', status(500, 'InternalError', 'etcd is gone'), 'KUBERNETES_UNAVAILABLE', 'etcd is gone'],
    ['502 of a load balancer', { status: 502, body: '<html>' }, 'KUBERNETES_UNAVAILABLE', '(502)'],
    ['a login page', { status: 200, body: '<html>' }, 'KUBERNETES_UNAVAILABLE', 'does not speak JSON'],
    ['a redirect', { status: 302, headers: { location: 'http://169.254.169.254/' } }, 'KUBERNETES_INVALID', '(302)'],
  ])('%s', async (_name, answer, code, message) => {
    api.answer(() => answer)
    const failure = expect.objectContaining({ code, message: expect.stringContaining(message) })
    await expect(observe()).rejects.toEqual(failure)
    await expect(observe()).rejects.toMatchObject({ retryable: code === 'KUBERNETES_UNAVAILABLE' })
    if (_name === '429') await expect(observe()).rejects.toMatchObject({ retryAfterMs: 3_000 })
  })

  test('422 names the fields, never their values', async () => {
    const causes = [{ reason: 'FieldValueInvalid', message: 'Invalid value: "hunter2"', field: 'spec.env[0].value' }]
    api.answer(({ method }) =>
      method === 'POST'
        ? status(422, 'Invalid', 'Job.batch "x" is invalid: spec.env[0].value: Invalid value: "hunter2"', { causes })
        : { body: deployment('ledger', { containers: [{ image: 'a:v1' }] }) },
    )
    const refused = api.kubernetes.startJob({
      ...{ namespace: 'hub', name: 'x', image: 'a:v2', command: ['migrate'], deadlineMs: 1_000, labels: {} },
      like: { workload: 'ledger', container: 'c0' },
    })
    await expect(refused).rejects.toMatchObject({
      code: 'KUBERNETES_INVALID',
      message: 'Kubernetes refuses to create job hub/x: spec.env[0].value (FieldValueInvalid).',
    })
  })

  test('an API server that is away is unavailable, and so is one that stops answering', async () => {
    const gone = await startFakeApi()
    await gone.close()
    const kubernetes = createKubernetes({ kubeconfig: gone.kubeconfig })
    await expect(kubernetes.observeServices(['hub'])).rejects.toMatchObject({
      code: 'KUBERNETES_UNAVAILABLE',
      message: expect.stringMatching(/can't be reached at 127\.0\.0\.1:\d+ to list .*: ECONNREFUSED/),
    })
    api.answer(() => undefined)
    await expect(observe()).rejects.toMatchObject({ message: expect.stringContaining('no answer in time') })
  }, 15_000)

  test("the caller's signal ends a request with the caller's reason", async () => {
    api.answer(() => undefined)
    const controller = new AbortController()
    const reason = new Error('cancelled')
    setTimeout(() => controller.abort(reason), 20)
    await expect(observe(controller.signal)).rejects.toBe(reason)
  })

  test('a closed client says so', async () => {
    const other = await startFakeApi()
    await other.kubernetes.close()
    await expect(other.kubernetes.observeServices(['hub'])).rejects.toThrow('the client was closed')
    await other.close()
  })
})

test('lists are read to their last page', async () => {
  api.answer(({ path, query }) => {
    if (path.endsWith('/pods')) return { body: { items: null } }
    const name = query.continue ? 'b' : 'a'
    const items = [deployment(name, { containers: [{ image: `example.org/${name}:v1` }] })]
    return { body: { items, metadata: { continue: query.continue ? '' : 'more' } } }
  })
  // A namespace of its own: requests that a test before gave up may still come in.
  expect((await api.kubernetes.observeServices(['paged'])).map(({ name }) => name)).toEqual(['a', 'b'])
  expect(api.asked.filter(({ path }) => path.endsWith('/paged/deployments')).map(({ query }) => query)).toEqual([
    { limit: '500' },
    { limit: '500', continue: 'more' },
  ])
  expect(api.asked.at(-1)?.headers.authorization).toBe('Bearer very-secret')
})

describe('patchImages', () => {
  const change = { name: 'c0', init: false, from: 'a:v1', to: 'a:v2' }
  const patches = () => api.asked.filter(({ method }) => method === 'PATCH')
  const failedTest = status(422, 'Invalid', 'the server rejected our request due to an error in our request')
  const at = (image: string) => ({ body: deployment('ledger', { init: [{ image: 'a:v1' }], containers: [{ image }] }) })
  const patch = (changes = [change]) => api.kubernetes.patchImages('hub', workload, changes)

  test('tests what it knows, and replaces only the images', async () => {
    api.answer(({ method }) => (method === 'PATCH' ? { body: {} } : at('a:v1')))
    const changes = [change, { ...change, init: true }]
    expect(await api.kubernetes.patchImages('hub', workload, changes, { dryRun: true })).toEqual({ changed: true })
    const { query, headers, body } = patches()[0] ?? {}
    expect(query).toEqual({ fieldManager: 'refit', dryRun: 'All' })
    expect(headers?.['content-type']).toBe('application/json-patch+json')
    const [application, init] = ['/spec/template/spec/containers/0', '/spec/template/spec/initContainers/0']
    expect(body).toEqual([
      { op: 'test', path: '/metadata/uid', value: 'uid-ledger' },
      { op: 'test', path: `${application}/name`, value: 'c0' },
      { op: 'test', path: `${application}/image`, value: 'a:v1' },
      { op: 'test', path: `${init}/name`, value: 'c0' },
      { op: 'test', path: `${init}/image`, value: 'a:v1' },
      { op: 'replace', path: `${application}/image`, value: 'a:v2' },
      { op: 'replace', path: `${init}/image`, value: 'a:v2' },
    ])
  })

  test('what stands already is not written again', async () => {
    api.answer(() => at('a:v2'))
    expect(await patch()).toEqual({ changed: false })
    expect(patches()).toEqual([])
  })

  test('after a lost race it looks again: done by an earlier attempt', async () => {
    api.answer(({ method }) => (method === 'PATCH' ? failedTest : at(patches().length === 0 ? 'a:v1' : 'a:v2')))
    expect(await patch()).toEqual({ changed: false })
    expect(patches()).toHaveLength(1)
  })

  test('after a lost race it looks again: changed by somebody', async () => {
    api.answer(({ method }) => (method === 'PATCH' ? failedTest : at(patches().length === 0 ? 'a:v1' : 'a:hotfix')))
    await expect(patch()).rejects.toMatchObject({
      code: 'KUBERNETES_CONFLICT',
      message: 'Somebody changed container c0 of deployment hub/ledger: it runs a:hotfix, neither a:v1 nor a:v2.',
    })
  })

  test('a Deployment that changes all the time is given up after three attempts, for now', async () => {
    api.answer(({ method }) => (method === 'PATCH' ? status(409, 'Conflict', 'modified') : at('a:v1')))
    await expect(patch()).rejects.toMatchObject({ code: 'KUBERNETES_UNAVAILABLE', retryable: true })
    expect(patches()).toHaveLength(3)
  })

  test.each([
    ['a container that has gone', { ...change, name: 'c9' }, 'KUBERNETES_CONFLICT'],
    ['a container that is an init container now', { ...change, from: 'x', to: 'y', init: true }, 'KUBERNETES_CONFLICT'],
  ])('%s is a conflict', async (_name, one, code) => {
    api.answer(() => at('a:v1'))
    await expect(patch([one])).rejects.toMatchObject({ code })
  })

  test('a Deployment of the same name with another uid is not the planned one', async () => {
    api.answer(() => ({ body: deployment('ledger', { metadata: { uid: 'other' }, containers: [{ image: 'a:v1' }] }) }))
    await expect(patch()).rejects.toMatchObject({ code: 'KUBERNETES_NOT_FOUND' })
    expect(patches()).toEqual([])
  })
})

describe('podGet', () => {
  const get = (path: string) => api.kubernetes.podGet('hub', 'ledger-1', 3001, path, 1_000)

  test.each([
    [200, '{"status":"OK"}'],
    [502, '{"status":"DOWN","services":[{"name":"broker","status":"DOWN"}]}'],
    [503, 'Service Unavailable'],
    [404, 'Cannot GET /health'],
    [302, ''],
  ])("the pod's own answer with %i comes back", async (code, body) => {
    api.answer(() => ({ status: code, body }))
    expect(await get('/health?full=1')).toEqual({ status: code, body })
    expect(api.asked[0]).toMatchObject({
      path: '/api/v1/namespaces/hub/pods/ledger-1%3A3001/proxy/health',
      query: { full: '1' },
    })
  })

  const dial = 'error trying to reach service: dial tcp 10.0.0.1:3001: connect: connection refused'
  test.each([
    ['nobody listens', status(503, 'ServiceUnavailable', dial), 'KUBERNETES_UNAVAILABLE'],
    ['nobody listens, as an older one says it', { status: 502, body: dial }, 'KUBERNETES_UNAVAILABLE'],
    ['no such pod', status(404, 'NotFound', 'pods "ledger-1" not found'), 'KUBERNETES_NOT_FOUND'],
    ['not allowed', status(403, 'Forbidden', 'pods is forbidden'), 'KUBERNETES_FORBIDDEN'],
  ])('%s: that is the API server, not the pod', async (_name, answer, code) => {
    api.answer(() => answer)
    await expect(get('/health')).rejects.toMatchObject({ code })
  })

  test('no more than 64 KiB of a body are read', async () => {
    api.answer(() => ({ body: 'x'.repeat(1_000_000) }))
    expect((await get('/')).body).toHaveLength(64 * 1024)
  })

  test('a slow pod is given up in time', async () => {
    api.answer(() => undefined)
    const slow = api.kubernetes.podGet('hub', 'ledger-1', 3001, '/', 50)
    await expect(slow).rejects.toMatchObject({ code: 'KUBERNETES_UNAVAILABLE' })
  })

  test.each(['/../../../secrets', '/%2e%2e/%2e%2e/secrets', 'a/../../..//secrets', '/..\\..\\secrets'])(
    '%s stays within the pod',
    async (path) => {
      api.answer(() => ({ body: 'ok' }))
      await get(path)
      expect(api.asked[0]?.path).toMatch(/^\/api\/v1\/namespaces\/hub\/pods\/ledger-1%3A3001\/proxy\//)
    },
  )
})

describe('which cluster', () => {
  const variables = ['KUBECONFIG', 'KUBERNETES_SERVICE_HOST'] as const
  const before = variables.map((name) => process.env[name])
  afterEach(() =>
    variables.forEach((name, index) =>
      before[index] ? (process.env[name] = before[index]) : delete process.env[name],
    ),
  )
  const write = (text: string): string => {
    const file = join(mkdtempSync(join(tmpdir(), 'refit-kubeconfig-')), 'config')
    writeFileSync(file, text)
    return file
  }

  test("never the one of somebody's shell", () => {
    process.env.KUBECONFIG = api.kubeconfig
    delete process.env.KUBERNETES_SERVICE_HOST
    expect(() => createKubernetes()).toThrow('No kubeconfig is named')
  })

  test.each([
    ['a file that is not there', () => '/nowhere/config', 'ENOENT'],
    ['a file that names no cluster', () => write('apiVersion: v1\nkind: Config\n'), 'kubeconfig'],
    ['half a file', () => write('users: [{ token: very-secret\n'), 'kubeconfig'],
  ])('%s is named without its content', (_name, file, message) => {
    const open = () => createKubernetes({ kubeconfig: file() })
    expect(open).toThrow(RefitError)
    expect(open).toThrow(message)
    expect(open).not.toThrow('very-secret')
  })
})
