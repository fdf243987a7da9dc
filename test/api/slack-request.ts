import { createHmac } from 'node:crypto'
import type { Api } from '../../src/api/types'

export const signingSecret = 'S1GNING-SECRET'

export interface SlackRequest {
  user?: string
  value?: unknown
  /** seconds, as Slack writes it */
  actionTs?: string
  responseUrl?: string
  payload?: unknown
}

/** The form that Slack sends when somebody presses a button. */
export function slackForm({
  user = 'U1',
  value = 'approve abcdef123456-1 abcdef123456',
  actionTs = '1700000000.000100',
  responseUrl = 'https://hooks.slack.com/actions/T1/2/3',
  payload = {
    type: 'block_actions',
    user: { id: user, name: 'somebody' },
    team: { id: 'T1' },
    response_url: responseUrl,
    actions: [{ type: 'button', action_id: 'refit.approve', block_id: 'b', value, action_ts: actionTs }],
  },
}: SlackRequest = {}): string {
  return new URLSearchParams({ payload: JSON.stringify(payload) }).toString()
}

/** Sends a form as Slack would; `changed` is laid over. */
export function sendAsSlack(
  app: Api,
  body: string,
  changed: { at?: number; secret?: string; headers?: Record<string, string> } = {},
) {
  const timestamp = String(Math.floor((changed.at ?? Date.now()) / 1_000))
  const signature = createHmac('sha256', changed.secret ?? signingSecret)
    .update(`v0:${timestamp}:${body}`)
    .digest('hex')
  const headers = {
    'content-type': 'application/x-www-form-urlencoded',
    'x-slack-request-timestamp': timestamp,
    'x-slack-signature': `v0=${signature}`,
    ...changed.headers,
  }
  return app.inject({ method: 'POST', url: '/slack/actions', headers, payload: body })
}
