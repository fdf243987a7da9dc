import { createNotifiers } from '../../src/clients/notifiers'
import type { Config } from '../../src/config'
import { answer, startHttpServer, type TestServer } from '../support/http-server'
import { alertAt, delivery, failure, hub, messages } from './alert-targets'

let server: TestServer
beforeEach(async () => {
  server = await startHttpServer()
})
afterEach(() => server.close())

const on = ['action', 'page'] as const
const targets = (host: string, allowPrivate: boolean): Config['alerts'] => [
  { kind: 'slack', url: `http://${host}/s`, format: 'refit', on, allowPrivate },
  { kind: 'webhook', url: `http://${host}/w`, signedWith: undefined, on, allowPrivate },
  { kind: 'alertmanager', url: `http://${host}`, on, allowPrivate },
  { kind: 'email', smtp: `smtp://${host}`, from: 'a@example.org', to: ['b@example.org'], on, allowPrivate },
]
const notifiers = (host: string, allowPrivate: boolean) =>
  createNotifiers({ hub, alerts: targets(host, allowPrivate) }, { messages: messages() })

it.each([
  ['127.0.0.1:9', 'loopback'],
  ['localhost:9', 'loopback'],
  ['[::1]:9', 'loopback'],
  ['[::ffff:127.0.0.1]:9', 'loopback'],
  ['10.0.0.1:9', 'private'],
  ['192.168.1.1:9', 'private'],
  ['[fd00::1]:9', 'private'],
  ['0.0.0.0:9', 'loopback'],
  ['169.254.169.254:80', 'link-local'],
])('no kind of target at %s is asked: it is a %s address', async (host, reach) => {
  for (const notifier of notifiers(host, false)) {
    const error = await failure(notifier.send(alertAt(), delivery))
    expect(error).toMatchObject({ code: 'ALERT_REFUSED', retryable: false })
    expect(error.message).toMatch(new RegExp(`^${notifier.name} is not asked, because .* is a ${reach} address\\.$`))
  }
})

it('where private addresses are allowed, those of cloud metadata are not', async () => {
  for (const notifier of notifiers('169.254.169.254', true))
    expect((await failure(notifier.send(alertAt(), delivery))).message).toContain('link-local address')
})

it('a name is judged by the address that is connected to', async () => {
  const { port } = new URL(server.url)
  const [refused] = notifiers(`localhost:${port}`, false)
  expect((await failure(refused!.send(alertAt(), delivery))).message).toContain('loopback')
  expect(server.received).toEqual([])
})

it('no redirect is followed, and what it points to is not asked', async () => {
  const { host } = new URL(server.url)
  for (const notifier of notifiers(host, true).slice(0, 3)) {
    server.answerWith(answer(307, '', { location: `${server.url}/elsewhere` }))
    const error = await failure(notifier.send(alertAt(), delivery))
    expect(error).toMatchObject({ retryable: false })
    expect(error.message).toBe(`${notifier.name} answered with a redirect (307), which is not followed.`)
  }
  expect(server.received.map(({ path }) => path)).not.toContain('/elsewhere')
})
