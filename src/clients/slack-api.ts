import { RefitError } from '../domain/errors'
import { post, refused, retryAfterMs, shown } from './post'

/** Tests and the demo put something else in its place by REFIT_SLACK_API_URL. */
export const slackApiUrl = 'https://slack.com/api'

export interface SlackApi {
  /** Calls a method of Slack's Web API: https://docs.slack.dev/apis/web-api. Throws SlackError where Slack says no. */
  call(method: string, body: object, signal?: AbortSignal): Promise<Record<string, unknown>>
}

/** ALERT_REFUSED with Slack's own word for it, such as `channel_not_found`. */
export class SlackError extends RefitError {
  constructor(
    message: string,
    next: string,
    readonly slackCode: string,
    options: { retryable: boolean; retryAfterMs?: number },
  ) {
    super('ALERT_REFUSED', message, next, options)
  }
}

/** Of ok:false; every other word needs a person. */
const transient = new Set([
  'ratelimited',
  'rate_limited',
  'message_limit_exceeded',
  'internal_error',
  'fatal_error',
  'service_unavailable',
  'request_timeout',
  'team_added_to_org',
  'update_failed',
])
const nextSteps: Readonly<Record<string, string>> = {
  channel_not_found: 'Check slackBot.channel in refit.yaml: a channel id such as C012ABCDEF that the bot can see.',
  not_in_channel: 'Invite the bot to the channel: /invite @refit.',
  is_archived: 'The channel is archived; name another one in refit.yaml.',
  missing_scope: 'Give the Slack app the scope chat:write and install it again.',
  invalid_auth: 'Check the bot token: it begins with xoxb-.',
  not_authed: 'Check the bot token: it begins with xoxb-.',
  token_revoked: 'Install the Slack app again and use its new bot token.',
  account_inactive: 'Install the Slack app again and use its new bot token.',
}

/** Slack's Web API for one bot. The token travels in the header only. */
export function createSlackApi({
  name,
  token,
  baseUrl = slackApiUrl,
}: {
  /** of the target, for messages */
  name: string
  token: string
  baseUrl?: string | undefined
}): SlackApi {
  return {
    async call(method, body, signal) {
      const answer = await post({
        name,
        url: `${baseUrl}/${method}`,
        headers: { authorization: `Bearer ${token}` },
        body: JSON.stringify(body),
        // Whoever sets the environment of this process may say where Slack is.
        allowPrivate: baseUrl !== slackApiUrl,
        ...(signal ? { signal } : {}),
      })
      const said = parse(answer.body)
      if (said?.ok === true) return said
      const code = typeof said?.error === 'string' ? shown(said.error).slice(0, 60) : ''
      if (!code)
        throw refused(`${name}: Slack's answer to ${method} makes no sense.`, 'It is tried again.', { retryable: true })
      const waits = retryAfterMs(answer.retryAfter)
      const retryable = transient.has(code)
      throw new SlackError(
        `${name}: Slack refused ${method}: ${code}.`,
        retryable
          ? 'It is tried again.'
          : (nextSteps[code] ?? 'Look the word up in the documentation of this Slack method.'),
        code,
        { retryable, ...(retryable && waits !== undefined ? { retryAfterMs: waits } : {}) },
      )
    },
  }
}

function parse(body: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(body)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
