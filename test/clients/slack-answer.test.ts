import { answerSlack } from '../../src/clients/slack-answer'
import { answer, startHttpServer, type TestServer } from '../support/http-server'

let slack: TestServer
beforeAll(async () => {
  slack = await startHttpServer()
})
afterAll(() => slack.close())

test('the person alone hears what became of it, and the message stays', async () => {
  await answerSlack(`${slack.url}/actions/T1/2/3`, 'done', slack.url)
  expect(slack.received.at(-1)).toMatchObject({ method: 'POST', path: '/actions/T1/2/3' })
  expect(JSON.parse(slack.received.at(-1)?.body ?? '')).toEqual({
    ...{ response_type: 'ephemeral', replace_original: false, text: 'done' },
  })
})

test.each([
  'https://evil.example/actions',
  'http://hooks.slack.com/actions',
  'https://hooks.slack.com.evil.example/',
  'https://hooks.slack.com:8443/',
  'https://user@hooks.slack.com/',
  'https://evil.example/https://hooks.slack.com/',
  'file:///etc/passwd',
  'nothing',
  '',
])('nothing is sent to %s', async (url) => {
  await expect(answerSlack(url, 'done')).rejects.toMatchObject({ code: 'ALERT_REFUSED' })
})

test.each([302, 404, 500])('%d is said without the address', async (status) => {
  slack.answerWith(answer(status, '', { location: `${slack.url}/elsewhere` }))
  const before = slack.received.length
  const failed = answerSlack(`${slack.url}/actions/SECRET`, 'done', slack.url)
  await expect(failed).rejects.toMatchObject({ code: 'ALERT_REFUSED', message: `Slack answered ${status}.` })
  expect(slack.received).toHaveLength(before + 1)
})
