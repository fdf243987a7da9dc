import { createHash } from 'node:crypto'
import { Webhook } from 'standardwebhooks'
import { type Alert, plainText } from '../domain/alerts'
import type { AlertRoute, Notifier } from './contracts'
import { post } from './post'

interface WebhookTarget extends AlertRoute {
  url: string
  allowPrivate: boolean
  /** `whsec_` and base64, or a text whose bytes are the key; without one nothing is signed */
  signedWith?: string | undefined
}

/**
 * A webhook by the Standard Webhooks specification (https://www.standardwebhooks.com). `webhook-id` is the same for every
 * delivery of the same news, and so is the body; `webhook-timestamp` and `webhook-signature` belong to the delivery.
 */
export function webhookNotifier({ url, allowPrivate, signedWith, ...route }: WebhookTarget): Notifier {
  const signer = signedWith === undefined ? undefined : signerOf(signedWith)
  return {
    ...route,
    async send(alert, { id: news, at, signal }) {
      const id = webhookId(news)
      const body = bodyOf(alert, at)
      const now = new Date()
      const headers = {
        'webhook-id': id,
        'webhook-timestamp': String(Math.floor(now.getTime() / 1_000)),
        ...(signer ? { 'webhook-signature': signer.sign(id, now, body) } : {}),
      }
      await post({ name: route.name, url, body, headers, allowPrivate, ...(signal ? { signal } : {}) })
    },
  }
}

const signerOf = (key: string): Webhook =>
  key.startsWith('whsec_') ? new Webhook(key) : new Webhook(new TextEncoder().encode(key), { format: 'raw' })

/** Hashed, because names may have letters that a header can't carry. */
const webhookId = (news: string): string => `refit_${createHash('sha256').update(news).digest('hex').slice(0, 32)}`

const bodyOf = ({ key, level, hub, title, text, facts, thread, url }: Alert, at: Date): string =>
  JSON.stringify({
    type: 'refit.alert',
    timestamp: at.toISOString(),
    data: { key, level, hub, title, text: plainText(text), facts, thread, url },
  })
