import { alertmanagerNotifier } from '../../src/clients/alertmanager'
import type { AlertLevel } from '../../src/domain/alerts'
import { answer, startHttpServer, type TestServer } from '../support/http-server'
import { alertAt, delivery, failure } from './alert-targets'

let server: TestServer
beforeEach(async () => {
  server = await startHttpServer()
})
afterEach(() => server.close())

const now = delivery.at.getTime() + 60_000
const target = (levels: AlertLevel[] = ['action', 'page']) =>
  alertmanagerNotifier({
    name: 'alertmanager#1',
    levels,
    url: `${server.url}/am/`,
    environment: 'production',
    allowPrivate: true,
    now: () => now,
  })
interface Sent {
  labels: Record<string, string>
  annotations: Record<string, string>
  startsAt: string
  endsAt: string
}
const sent = (): Sent[] => JSON.parse(server.received.at(-1)?.body ?? '[]') as Sent[]
const minutesLeft = () =>
  sent().map(({ labels, endsAt }) => [labels.severity, Math.round((Date.parse(endsAt) - now) / 60_000)])
const thread = 'abcdef123456-1'

it('posts to API v2 what tells alerts apart as labels, everything else as annotations', async () => {
  await target().send(alertAt({ thread, url: 'https://t.example/page' }), delivery)
  expect(server.received[0]?.path).toBe('/am/api/v2/alerts')
  expect(sent()[0]).toEqual({
    labels: {
      alertname: 'RefitUpgrade',
      hub: 'green-hub',
      environment: 'production',
      severity: 'action',
      namespace: 'hub',
      service: 'ledger',
      thread,
    },
    annotations: {
      summary: 'hub/ledger v1.0.0 → v1.0.1 waits for approval',
      description: 'refit approve hub/ledger\ngreen-hub (production): hub/ledger v1.0.0 → v1.0.1 <waits>',
      namespace: 'hub',
      service: 'ledger',
      upgradeId: thread,
    },
    startsAt: delivery.at.toISOString(),
    endsAt: expect.any(String) as string,
    generatorURL: 'https://t.example/page',
  })
})

it.each<[string, Parameters<typeof alertAt>[0], { overtaken?: boolean }, [string, number][]]>([
  [
    'a question fires until newer news, and ends a page',
    { thread },
    {},
    [
      ['action', 10_080],
      ['page', 0],
    ],
  ],
  [
    'held fires until it is resolved',
    { thread, level: 'page' },
    {},
    [
      ['page', 10_080],
      ['action', 0],
    ],
  ],
  [
    'news that nobody wants ends what fires',
    { thread, level: 'info' },
    {},
    [
      ['action', 0],
      ['page', 0],
    ],
  ],
  ['a remark ends nothing', { thread, aside: true }, {}, [['action', 15]]],
  ['a remark that nobody wants is not sent', { thread, aside: true, level: 'info' }, {}, []],
  ['what comes late is an event, and ends nothing', { thread }, { overtaken: true }, [['action', 15]]],
  ['what belongs to no thread is an event', {}, {}, [['action', 15]]],
])('%s', async (_, alert, more, expected) => {
  await target().send(alertAt(alert), { ...delivery, ...more })
  expect(minutesLeft()).toEqual(expected)
})

it('what is delivered days late still fires', async () => {
  await target().send(alertAt(), { ...delivery, at: new Date(now - 4 * 86_400_000) })
  expect(minutesLeft()).toEqual([['action', 15]])
})

it.each([
  [400, false],
  [500, true],
  [503, true],
])('that answers %i', async (status, retryable) => {
  server.answerWith(answer(status, '{"code":601}'))
  expect(await failure(target().send(alertAt(), delivery))).toMatchObject({ code: 'ALERT_REFUSED', retryable })
})
