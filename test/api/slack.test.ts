import { isFromSlack } from '../../src/api/slack-proof'
import type { AlertTarget } from '../../src/config'
import { fakeStore, fakeTemporal, plan, planHash, type TemporalScript, upgradeRow } from '../operations/support'
import { sendAsSlack, signingSecret, slackForm, type SlackRequest } from './slack-request'
import { serve } from './support'

const bot = {
  kind: 'slackBot',
  token: 'xoxb',
  channel: 'C1',
  signingSecret,
  on: ['action'],
  allowPrivate: false,
} as const
const people = [{ name: 'ana', slack: 'U1', groups: ['tech-ops'] }]

async function slackServer(
  script: TemporalScript = {},
  alerts: readonly AlertTarget[] = [bot],
  upgrade = upgradeRow(),
) {
  const { store, votes } = fakeStore({ upgrades: [upgrade], plans: { [planHash]: plan } })
  const { temporal, sent } = fakeTemporal(script)
  const answers: { url: string; text: string }[] = []
  let answered = (): void => undefined
  const heard = new Promise<void>((resolve) => (answered = resolve))
  const served = await serve({
    ...{ store, people, alerts },
    hubTemporal: () => Promise.resolve(temporal),
    answerSlack: (url, text) => {
      answers.push({ url, text })
      answered()
      return Promise.resolve()
    },
  })
  return { ...served, votes, sent, answers, heard }
}

describe('Slack’s own example', () => {
  const secret = '8f742231b10e8888abcd99yyyzzz85a5'
  const body = Buffer.from(
    'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c',
  )
  const headers = {
    'x-slack-request-timestamp': '1531420618',
    'x-slack-signature': 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503',
  }
  const now = 1_531_420_618_000

  test('verifies, with any of several apps', () => {
    expect(isFromSlack({ headers, body, now }, [secret])).toBe(true)
    expect(isFromSlack({ headers, body, now }, ['another', secret])).toBe(true)
  })

  test.each<[string, Parameters<typeof isFromSlack>[0], string[]]>([
    ['with another secret', { headers, body, now }, ['another']],
    ['with none', { headers, body, now }, []],
    ['with another body', { headers, body: Buffer.concat([body, Buffer.from('&')]), now }, [secret]],
    ['five minutes late', { headers, body, now: now + 300_001 }, [secret]],
    ['five minutes early', { headers, body, now: now - 300_001 }, [secret]],
    ['at another time', { headers: { ...headers, 'x-slack-request-timestamp': '1531420619' }, body, now }, [secret]],
    ['without a time', { headers: { 'x-slack-signature': headers['x-slack-signature'] }, body, now }, [secret]],
    ['without a signature', { headers: { 'x-slack-request-timestamp': '1531420618' }, body, now }, [secret]],
    ['at no time', { headers: { ...headers, 'x-slack-request-timestamp': 'NaN' }, body, now }, [secret]],
    ['with a cut signature', { headers: { ...headers, 'x-slack-signature': 'v0=a2114d57' }, body, now }, [secret]],
  ])('does not verify %s', (_name, request, secrets) => {
    expect(isFromSlack(request, secrets)).toBe(false)
  })
})

describe('a pressed button', () => {
  test('is the vote of the person that the Slack user is, verified by Slack', async () => {
    const { app, votes, sent, answers, heard } = await slackServer()
    const answer = await sendAsSlack(app, slackForm())
    expect([answer.statusCode, answer.body]).toEqual([200, ''])
    await heard
    expect(votes).toMatchObject([
      { verb: 'approve', by: 'ana', groups: ['tech-ops'], via: 'slack', upgradeId: `${planHash}-1`, planHash },
    ])
    expect(sent).toMatchObject([{ verb: 'approve', input: { vote: votes[0]?.id, by: 'ana', planHash } }])
    expect(answers).toEqual([
      { url: 'https://hooks.slack.com/actions/T1/2/3', text: 'hub/ledger v1.0.0 → v1.0.1: approved by ana' },
    ])
  })

  test('snoozes for four hours from the press, and rejects with a reason', async () => {
    const { app, votes, heard } = await slackServer()
    await sendAsSlack(app, slackForm({ value: `snooze ${planHash}-1 ${planHash}` }))
    await heard
    expect(votes).toMatchObject([{ verb: 'snooze', until: new Date(1_700_000_000_000 + 4 * 3_600_000) }])
    await sendAsSlack(app, slackForm({ value: `reject ${planHash}-1 ${planHash}`, actionTs: '1700000001.0' }))
    await app.close()
    expect(votes[1]).toMatchObject({ verb: 'reject', reason: 'by a button in Slack' })
  })

  test('delivered twice, as to two servers, is one vote', async () => {
    const { app, votes, sent } = await slackServer()
    await sendAsSlack(app, slackForm(), { at: Date.now() - 2_000 })
    await sendAsSlack(app, slackForm())
    await app.close()
    expect(votes).toHaveLength(1)
    expect(new Set(sent.map(({ input }) => (input as { vote: string }).vote)).size).toBe(1)
  })

  test.each<[string, SlackRequest, string]>([
    ['of a stranger', { user: 'U9' }, 'Refit does not know you. Whoever runs it can add `slack: U9`'],
    ['with another value', { value: 'abort everything' }, 'this button is none that Refit made'],
    ['without a value', { value: null }, 'this button is none that Refit made'],
    ['with a value that is no text', { value: { verb: 'approve' } }, 'this button is none that Refit made'],
    ['of an upgrade that never was', { value: `approve nobody-1 ${planHash}` }, 'knows no such upgrade'],
    ['with another plan', { value: `approve ${planHash}-1 ${'0'.repeat(12)}` }, `The plan is ${planHash} now`],
  ])('%s does nothing, and the person is told', async (_name, request, said) => {
    const { app, votes, sent, answers, heard } = await slackServer()
    expect((await sendAsSlack(app, slackForm(request))).statusCode).toBe(200)
    await heard
    expect(answers).toMatchObject([{ text: expect.stringContaining(said) }])
    expect([votes, sent]).toEqual([[], []])
  })

  test('of an upgrade that has ended does nothing', async () => {
    const { app, sent, answers, heard } = await slackServer({}, [bot], upgradeRow({ outcome: 'succeeded' }))
    await sendAsSlack(app, slackForm())
    await heard
    expect(answers).toMatchObject([{ text: expect.stringContaining('has ended (succeeded)') }])
    expect(sent).toEqual([])
  })

  test('that the upgrade refuses: the person hears why', async () => {
    const { app, answers, heard } = await slackServer({ answer: { kind: 'refused', message: 'only <tech-ops> may' } })
    await sendAsSlack(app, slackForm())
    await heard
    expect(answers).toMatchObject([{ text: expect.stringContaining('only &lt;tech-ops&gt; may') }])
  })

  test.each([
    ['a form without a payload', 'ssl_check=1'],
    ['a payload that is no JSON', 'payload=%7B'],
    ['another event', slackForm({ payload: { type: 'view_submission', user: { id: 'U1' } } })],
    ['no actions', slackForm({ payload: { type: 'block_actions', user: { id: 'U1' }, actions: [] } })],
  ])('%s is taken and ignored', async (_name, body) => {
    const { app, sent, answers } = await slackServer()
    expect((await sendAsSlack(app, body)).statusCode).toBe(200)
    await app.close()
    expect([sent, answers]).toEqual([[], []])
  })
})

describe('a request is refused', () => {
  test.each<[string, Parameters<typeof sendAsSlack>[2]]>([
    ['with a bad signature', { secret: 'another' }],
    ['that is old', { at: Date.now() - 3_600_000 }],
    ['from the future', { at: Date.now() + 3_600_000 }],
  ])('%s', async (_name, changed) => {
    const { app, votes, sent } = await slackServer()
    const answer = await sendAsSlack(app, slackForm(), changed)
    expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([403, 'WEBHOOK_REFUSED'])
    await app.close()
    expect([votes, sent]).toEqual([[], []])
  })

  test('that was here before', async () => {
    const { app, sent } = await slackServer()
    const at = Date.now()
    expect((await sendAsSlack(app, slackForm(), { at })).statusCode).toBe(200)
    expect((await sendAsSlack(app, slackForm(), { at })).statusCode).toBe(403)
    await app.close()
    expect(sent).toHaveLength(1)
  })

  test('that is huge', async () => {
    const { app } = await slackServer()
    expect((await sendAsSlack(app, `payload=${'x'.repeat(262_144)}`)).statusCode).toBe(413)
  })

  test.each(['application/json', 'text/plain', 'multipart/form-data; boundary=x'])('of type %s', async (type) => {
    const { app } = await slackServer()
    expect((await sendAsSlack(app, slackForm(), { headers: { 'content-type': type } })).statusCode).toBe(415)
  })

  test('where no app has a signing secret, as if there were no such route', async () => {
    const { app } = await slackServer({}, [{ ...bot, signingSecret: undefined }])
    const answer = await sendAsSlack(app, slackForm())
    expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([404, 'ROUTE_UNKNOWN'])
  })
})

test('the log has neither the signing secret nor the address for the answer', async () => {
  const { app, log, heard } = await slackServer()
  await sendAsSlack(app, slackForm())
  await heard
  expect(log()).toContain('slack button')
  expect(log()).not.toMatch(/S1GNING|hooks\.slack/)
})
