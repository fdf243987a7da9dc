import { slackBotNotifier } from '../../src/clients/slack-bot'
import type { AlertLevel } from '../../src/domain/alerts'
import { answer } from '../support/http-server'
import { alertAt, delivery, failure, messages } from './alert-targets'
import { buttonsOf, type SlackServer, startSlackServer } from './slack-api-server'

let slack: SlackServer
let memory: ReturnType<typeof messages>
beforeEach(async () => {
  slack = await startSlackServer()
  memory = messages()
})
afterEach(() => slack.close())

const bot = (levels: AlertLevel[] = ['action', 'page'], signingSecret: string | undefined = 'shh') =>
  slackBotNotifier({
    name: 'slackBot#1',
    levels,
    token: 'xoxb-S3CRET',
    channel: 'C012ABCDEF',
    signingSecret,
    messages: memory,
    baseUrl: slack.url,
  })

const thread = 'abcdef123456-1'
const actions = { upgradeId: thread, planHash: 'abcdef123456' }
const question = alertAt({ thread, actions })
const later = (title: string, more = {}) => alertAt({ thread, title, text: title, ...more })

it('shows one message per upgrade, which moves with it, and what happened as replies', async () => {
  const target = bot(['info', 'action', 'page'])
  await target.send(question, delivery)
  await target.send(later('is being rolled out', { level: 'info' }), delivery)
  await target.send(later('was rolled back'), delivery)
  expect(slack.shown()).toHaveLength(1)
  expect(JSON.stringify(slack.shown()[0])).toContain('was rolled back')
  expect(slack.calls.map(({ method, body }) => [method, body.thread_ts !== undefined, body.reply_broadcast])).toEqual([
    ['chat.postMessage', false, undefined],
    ['chat.update', false, undefined],
    ['chat.postMessage', true, false],
    ['chat.update', false, undefined],
    ['chat.postMessage', true, true],
  ])
  expect(new Set(slack.calls.map(({ token }) => token))).toEqual(new Set(['Bearer xoxb-S3CRET']))
  expect(JSON.stringify(slack.calls.map(({ body }) => body))).not.toContain('S3CRET')
})

it('has buttons only while people are asked, also where the answer itself is no news to the target', async () => {
  const target = bot()
  await target.send(question, delivery)
  expect(buttonsOf(slack.shown()[0])).toEqual([
    'refit.approve approve abcdef123456-1 abcdef123456',
    'refit.reject reject abcdef123456-1 abcdef123456',
    'refit.snooze snooze abcdef123456-1 abcdef123456',
  ])
  await target.send(later('ana votes', { level: 'info', aside: true }), delivery)
  expect(buttonsOf(slack.shown()[0])).toHaveLength(3)
  await target.send(later('approved', { level: 'info' }), delivery)
  expect(buttonsOf(slack.shown()[0])).toEqual([])
  expect(slack.calls.map(({ method }) => method)).toEqual(['chat.postMessage', 'chat.update'])
})

it('asks no new message for a level that it does not want', async () => {
  await bot().send(later('approved', { level: 'info' }), delivery)
  expect(slack.calls).toEqual([])
})

it('shows no buttons that nothing could believe', async () => {
  const target = slackBotNotifier({
    name: 'slackBot#1',
    levels: ['action'],
    token: 't',
    channel: 'C0',
    messages: memory,
    baseUrl: slack.url,
  })
  await target.send(question, delivery)
  expect(buttonsOf(slack.shown()[0])).toEqual([])
})

it('what comes late is a reply and does not turn the message back', async () => {
  const target = bot(['info', 'action', 'page'])
  await target.send(later('is HELD', { level: 'page' }), delivery)
  await target.send(question, { ...delivery, overtaken: true })
  expect(JSON.stringify(slack.shown())).toContain('is HELD')
  expect(buttonsOf(slack.shown()[0])).toEqual([])
  expect(slack.calls.at(-1)?.body.thread_ts).toBeDefined()
})

it('a message that somebody deleted is posted anew', async () => {
  const target = bot()
  await target.send(question, delivery)
  slack.remove(memory.kept.get(`slackBot#1 ${thread}`)?.ts ?? '')
  await target.send(later('is HELD', { level: 'page' }), delivery)
  expect(slack.shown()).toHaveLength(1)
  await target.send(later('resolved', { level: 'info' }), delivery)
  expect(JSON.stringify(slack.shown())).toContain('resolved')
})

it('alerts of no thread are messages of their own', async () => {
  await bot().send(alertAt(), delivery)
  await bot().send(alertAt(), delivery)
  expect(slack.shown()).toHaveLength(2)
})

it('a long text comes in blocks that Slack takes', async () => {
  await bot().send(alertAt({ text: `\`\`\`\n${'refit status hub/x\n'.repeat(3_000)}\`\`\`` }), delivery)
  const blocks = (slack.calls[0]?.body.blocks ?? []) as unknown as { text: { text: string } }[]
  expect(blocks.length).toBeLessThanOrEqual(50)
  for (const { text } of blocks) {
    expect(text.text.length).toBeLessThanOrEqual(3_000)
    expect((text.text.match(/```/g) ?? []).length % 2).toBe(0)
  }
})

const json = { 'content-type': 'application/json' }
it.each<[string, boolean, number | undefined, Record<string, string>]>([
  ['invalid_auth', false, undefined, {}],
  ['channel_not_found', false, undefined, {}],
  ['not_in_channel', false, undefined, {}],
  ['missing_scope', false, undefined, {}],
  ['msg_too_long', false, undefined, {}],
  ['ratelimited', true, 30_000, { 'retry-after': '30' }],
  ['internal_error', true, undefined, {}],
  ['service_unavailable', true, undefined, {}],
])('ok:false with %s', async (error, retryable, retryAfterMs, headers) => {
  slack.answerWith(answer(200, JSON.stringify({ ok: false, error }), { ...json, ...headers }))
  const said = await failure(bot().send(alertAt(), delivery))
  expect(said).toMatchObject({ code: 'ALERT_REFUSED', retryable })
  expect(said.message).toBe(`slackBot#1: Slack refused chat.postMessage: ${error}.`)
  expect(said.retryAfterMs).toBe(retryAfterMs)
})

it.each<[number, string, boolean, number | undefined]>([
  [429, '30', true, 30_000],
  [500, '', true, undefined],
  [302, '', false, undefined],
])('HTTP %i', async (status, retryAfter, retryable, retryAfterMs) => {
  slack.answerWith(answer(status, '', retryAfter ? { 'retry-after': retryAfter } : { location: slack.url }))
  const said = await failure(bot().send(alertAt(), delivery))
  expect(said).toMatchObject({ retryable })
  expect(said.retryAfterMs).toBe(retryAfterMs)
})

it.each(['', 'not json', '[]', '{"ok":"yes"}', '{"ok":true}', 'null'])(
  'an answer that makes no sense: %s',
  async (body) => {
    slack.answerWith(answer(200, body, json))
    expect(await failure(bot().send(alertAt({ thread }), delivery))).toMatchObject({ retryable: true })
    expect(memory.kept.size).toBe(0)
  },
)
