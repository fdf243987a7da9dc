import type { Notifier } from '../../src/clients/contracts'
import { createNotifiers } from '../../src/clients/notifiers'
import type { Alert } from '../../src/domain/alerts'
import { answer, startHttpServer, type TestServer } from '../support/http-server'
import { delivery, failure, hub, messages } from './alert-targets'

let server: TestServer
beforeEach(async () => {
  server = await startHttpServer()
})
afterEach(() => server.close())

const secretPath = '/services/T0/B0/S3CRET'
const alert: Alert = {
  key: 'upgrade/x-1/ended',
  level: 'action',
  hub: 'grün',
  title: 'hub/ledger was rolled back',
  text: '*grün* (test): rolled back',
  facts: { service: 'ledger' },
  mlOperatorText: '*ml-operator* - text',
}

const slack = (format: 'refit' | 'ml-operator' = 'refit'): Notifier =>
  createNotifiers(
    {
      hub,
      alerts: [
        { kind: 'slack', url: `${server.url}${secretPath}`, format, on: ['action', 'page'], allowPrivate: true },
      ],
    },
    { messages: messages() },
  )[0] as Notifier

describe('a Slack target', () => {
  it('gets the text as an incoming webhook wants it', async () => {
    await slack().send(alert, delivery)
    await slack().send({ ...alert, level: 'page' }, delivery)
    expect(server.received.map(({ method, path, body }) => [method, path, JSON.parse(body) as unknown])).toEqual([
      ['POST', secretPath, { text: '*grün* (test): rolled back' }],
      ['POST', secretPath, { text: ':rotating_light: *PAGE*\n*grün* (test): rolled back' }],
    ])
    expect(server.received[0]?.headers['content-type']).toMatch(/^application\/json/)
  })

  it('gets a link, and never more than Slack takes', async () => {
    await slack().send({ ...alert, url: 'https://t.example/n|<x>&y' }, delivery)
    await slack().send({ ...alert, text: `a\n\`\`\`\n${'x &amp;\n'.repeat(20_000)}\`\`\`` }, delivery)
    const [linked, long] = server.received.map(({ body }) => (JSON.parse(body) as { text: string }).text)
    expect(linked).toBe(`${alert.text}\n<https://t.example/n%7C%3Cx%3E&amp;y|Open in Temporal>`)
    expect(long?.length).toBeLessThanOrEqual(40_000)
    expect(long?.length).toBeGreaterThan(39_000)
    expect(long).toMatch(/x &amp;\n```\n…$/)
  })

  it("gets ml-operator's words where there are some, and Refit's where not", async () => {
    await slack('ml-operator').send(alert, delivery)
    const without: Alert = { ...alert, mlOperatorText: undefined }
    await slack('ml-operator').send(without, delivery)
    expect(server.received.map(({ body }) => (JSON.parse(body) as { text: string }).text)).toEqual([
      '*ml-operator* - text',
      alert.text,
    ])
  })

  it.each<[number, string, boolean, string]>([
    [404, 'no_service', false, 'slack#1 answered 404: no_service.'],
    [400, 'invalid_payload', false, 'slack#1 answered 400: invalid_payload.'],
    [403, 'action_prohibited', false, 'slack#1 answered 403: action_prohibited.'],
    [410, 'channel_is_archived', false, 'slack#1 answered 410: channel_is_archived.'],
    [500, 'rollup_error', true, 'slack#1 answered 500: rollup_error.'],
    [503, '', true, 'slack#1 answered 503.'],
    [302, '', false, 'slack#1 answered with a redirect (302), which is not followed.'],
    [307, '', false, 'slack#1 answered with a redirect (307), which is not followed.'],
  ])('that answers %i %s', async (status, body, retryable, message) => {
    server.answerWith(
      answer(status, body, status >= 300 && status < 400 ? { location: `${server.url}/elsewhere` } : {}),
    )
    expect(await failure(slack().send(alert, delivery))).toMatchObject({ code: 'ALERT_REFUSED', retryable, message })
    expect(server.received).toHaveLength(1)
  })

  it.each<[string, number | undefined]>([
    ['30', 30_000],
    ['0', 0],
    ['soon', undefined],
    [new Date(Date.now() + 60_000).toUTCString(), 60_000],
  ])('that is busy says how long: %s', async (header, expected) => {
    server.answerWith(answer(429, 'rate_limited', { 'retry-after': header }))
    const error = (await failure(slack().send(alert, delivery))) as Error & { retryAfterMs?: number }
    expect(error).toMatchObject({
      code: 'ALERT_REFUSED',
      retryable: true,
      message: 'slack#1 answered 429: rate_limited.',
    })
    if (expected === undefined) expect(error.retryAfterMs).toBeUndefined()
    // A date was written when this file was loaded, and seconds may have passed since.
    else expect(Math.abs(expected - (error.retryAfterMs ?? -1))).toBeLessThan(header.endsWith('GMT') ? 45_000 : 1)
  })

  it('never shows its URL, also not when the answer repeats it', async () => {
    server.answerWith((response, { path }) =>
      response.writeHead(404).end(`Cannot POST ${path} on ${server.url}${path}`),
    )
    const said = String(await failure(slack().send(alert, delivery)))
    expect(said).toContain('404')
    expect(said).not.toContain('S3CRET')
  })

  it('that answers without end is read only so far', async () => {
    server.answerWith((response) => {
      response.writeHead(500)
      const pour = () => {
        while (!response.destroyed && response.write('x'.repeat(65_536)));
      }
      response.on('drain', pour)
      pour()
    })
    const error = await failure(slack().send(alert, delivery))
    expect(error.message.length).toBeLessThan(300)
  })

  it('that is away, or hangs up, can be tried again', async () => {
    server.answerWith((response) => response.destroy())
    expect(await failure(slack().send(alert, delivery))).toMatchObject({ code: 'ALERT_REFUSED', retryable: true })
    const target = slack()
    await server.close()
    const error = await failure(target.send(alert, delivery))
    expect(error).toMatchObject({
      code: 'ALERT_REFUSED',
      retryable: true,
      message: "slack#1 can't be reached (ECONNREFUSED).",
    })
    expect(`${error.message} ${error.stack}`).not.toContain('S3CRET')
    server = await startHttpServer()
  })

  it('that never answers is given up after ten seconds', async () => {
    server.answerWith(() => undefined)
    expect(await failure(slack().send(alert, delivery))).toMatchObject({
      retryable: true,
      message: "slack#1 can't be reached (no answer within 10 s).",
    })
  })

  it('is left at once when the process stops', async () => {
    server.answerWith(() => undefined)
    const stop = new AbortController()
    const sending = failure(slack().send(alert, { ...delivery, signal: stop.signal }))
    setTimeout(() => stop.abort(), 50)
    expect(await sending).toMatchObject({ message: "slack#1 can't be reached (stopped)." })
  })
})

it('targets are named by kind and position, and take the levels that they want', () => {
  const on = ['page'] as const
  const allowPrivate = true
  const names = createNotifiers(
    {
      hub,
      alerts: [
        { kind: 'slack', url: 'http://a', format: 'refit', on, allowPrivate },
        { kind: 'webhook', url: 'http://b', signedWith: undefined, on, allowPrivate },
        { kind: 'slack', url: 'http://c', format: 'refit', on: ['info'], allowPrivate },
      ],
    },
    { messages: messages() },
  ).map(({ name, levels }) => [name, ...levels])
  expect(names).toEqual([
    ['slack#1', 'page'],
    ['webhook#1', 'page'],
    ['slack#2', 'info'],
  ])
})
