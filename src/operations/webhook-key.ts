import { createHash, timingSafeEqual } from 'node:crypto'
import type { Webhook } from '../config'

/** The part of a webhook's path that only its sender knows: a hash, so that no log or proxy ever sees the secret. */
export const webhookKey = ({ kind, secret }: Pick<Webhook, 'kind' | 'secret'>): string =>
  hash(`${kind}:${secret}`).toString('hex')

/** `/webhooks/<kind>/<key>` */
export const webhookPath = (webhook: Pick<Webhook, 'kind' | 'secret'>): string =>
  `/webhooks/${webhook.kind}/${webhookKey(webhook)}`

/** Which webhook this path belongs to; takes the same time for every key. */
export function findWebhook(webhooks: readonly Webhook[], kind: string, key: string): Webhook | undefined {
  let found: Webhook | undefined
  for (const webhook of webhooks) if (isSame(webhookKey(webhook), key) && webhook.kind === kind) found = webhook
  return found
}

/** Compares two secrets in a time that tells nothing about them, not even their length. */
export const isSame = (a: string, b: string): boolean => timingSafeEqual(hash(a), hash(b))

const hash = (text: string): Buffer => createHash('sha256').update(text).digest()
