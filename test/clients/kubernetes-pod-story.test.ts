import { type FakeApi, startFakeApi, status } from './kubernetes-api'

let api: FakeApi
beforeAll(async () => {
  api = await startFakeApi()
})
afterAll(() => api.close())

const options = { container: 'app', previous: true, lines: 20, bytes: 64, timeoutMs: 1_000 }
const log = () => api.kubernetes.podLog('hub', 'ledger-1', options)

test('the log of the run before is asked for by container and lines, and cut to its end', async () => {
  api.answer(() => ({ body: 'x'.repeat(100) }))
  expect((await log()).length).toBeLessThanOrEqual(64)
  expect(api.asked.at(-1)).toMatchObject({
    path: '/api/v1/namespaces/hub/pods/ledger-1/log',
    query: { container: 'app', previous: 'true', tailLines: '20' },
  })
})

test.each([
  [400, 'BadRequest', 'previous terminated container not found'],
  [404, 'NotFound', 'the pod has gone'],
])('where there is none (%d) it is empty', async (code, reason, message) => {
  api.answer(() => status(code, reason, message))
  expect(await log()).toBe('')
})

test('a right that is missing is an error with its code', async () => {
  api.answer(() => status(403, 'Forbidden', 'pods "ledger-1" is forbidden'))
  await expect(log()).rejects.toMatchObject({ code: 'KUBERNETES_FORBIDDEN' })
  await expect(api.kubernetes.podWarnings('hub', 'ledger-1')).rejects.toMatchObject({ code: 'KUBERNETES_FORBIDDEN' })
})

test('warnings about a pod, however their count and time are told', async () => {
  const old = { reason: 'BackOff', message: 'again', count: 4, lastTimestamp: '2026-12-01T10:00:00Z', metadata: {} }
  const series = { count: 7, lastObservedTime: '2026-12-01T10:00:01.000000Z' }
  const recent = { reason: 'Unhealthy', message: '503', eventTime: '2026-12-01T09:00:00.000000Z', series, metadata: {} }
  api.answer(() => ({ body: { items: [old, recent, { metadata: { creationTimestamp: '2026-12-01T08:00:00Z' } }] } }))
  const at = (time: string) => Date.parse(`2026-12-01T${time}Z`)
  expect(await api.kubernetes.podWarnings('hub', 'ledger-1')).toEqual([
    { reason: 'BackOff', message: 'again', count: 4, at: at('10:00:00') },
    { reason: 'Unhealthy', message: '503', count: 7, at: at('10:00:01') },
    { reason: '', message: '', count: 1, at: at('08:00:00') },
  ])
  expect(api.asked.at(-1)?.query.fieldSelector).toBe(
    'involvedObject.kind=Pod,involvedObject.name=ledger-1,type=Warning',
  )
})

test('secrets in the log of a Job are hidden before anybody keeps it', async () => {
  const env = [{ name: 'DB_PASSWORD', value: 'otter-seventeen' }]
  const pod = { metadata: { name: 'job-1' }, spec: { containers: [{ name: 'refit', image: 'i', env }] } }
  const said = 'connecting to postgres://ledger:swordfish@db/ledger as otter-seventeen\napi_key=0123456789\ndone\n'
  api.answer(({ path }) =>
    path.endsWith('/log') ? { stream: (open) => (open.text(said), open.end()) } : { body: { items: [pod] } },
  )
  expect(await api.kubernetes.jobLogs('hub', 'job')).toBe(
    'connecting to postgres://ledger:***@db/ledger as ***\napi_key=***\ndone\n',
  )
})
