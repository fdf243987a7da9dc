import { createHmac } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { isSame } from '../operations/webhook-key'

/** Older or newer requests may be somebody's recording. */
export const slackToleranceMs = 5 * 60_000

/**
 * Whether Slack sent this, by the scheme `v0` of "Verifying requests from Slack": an HMAC over the time and the bytes of the
 * body with the signing secret of the app. Any of `secrets` will do: there may be more than one app.
 */
export function isFromSlack(
  { headers, body, now }: { headers: IncomingHttpHeaders; body: Buffer; now: number },
  secrets: readonly string[],
): boolean {
  const { 'x-slack-signature': signature, 'x-slack-request-timestamp': timestamp } = headers
  if (typeof signature !== 'string' || typeof timestamp !== 'string' || !/^\d{1,12}$/.test(timestamp)) return false
  if (Math.abs(now - Number(timestamp) * 1_000) > slackToleranceMs) return false
  return secrets.some((secret) => isSame(signatureOf(secret, timestamp, body), signature))
}

const signatureOf = (secret: string, timestamp: string, body: Buffer): string =>
  `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:`).update(body).digest('hex')}`
