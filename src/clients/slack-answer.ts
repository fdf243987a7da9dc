import { RefitError } from '../domain/errors'

const timeoutMs = 5_000
const slackHost = 'hooks.slack.com'

/**
 * Tells one Slack user what became of a button, by the `response_url` of its request; nobody else sees it, and the message
 * with the button stays. The URL goes to Slack's own host or nowhere: ALERT_REFUSED. `origin` stands in for it in tests.
 */
export async function answerSlack(responseUrl: string, text: string, origin = `https://${slackHost}`): Promise<void> {
  const url = URL.canParse(responseUrl) ? new URL(responseUrl) : undefined
  if (!url || url.origin !== origin || url.username || url.password)
    throw refused(`The address for the answer is not at ${origin}.`)
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json; charset=utf-8', 'user-agent': 'refit' },
    body: JSON.stringify({ response_type: 'ephemeral', replace_original: false, text }),
    redirect: 'manual',
    signal: AbortSignal.timeout(timeoutMs),
  }).catch((error: unknown) => {
    throw refused("Slack can't be reached.", error)
  })
  await response.body?.cancel()
  if (!response.ok) throw refused(`Slack answered ${response.status}.`)
}

/** Never with the URL: whoever has it can answer in the person's name. */
const refused = (message: string, cause?: unknown): RefitError =>
  new RefitError('ALERT_REFUSED', message, 'refit status says what became of it.', { cause })
