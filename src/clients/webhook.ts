import { createHash, createHmac } from 'node:crypto'
import type { Alert } from '../domain/alerts'
import type { Notifier } from './contracts'
import { post } from './post'

interface WebhookTarget {
  name: string
  url: string
  levels: readonly Alert['level'][]
  /** key of the signature; without one nothing is signed */
  signedWith?: string
  /** epoch milliseconds */
  now?: () => number
}

/**
 * A generic JSON webhook. `Refit-Signature: t=<unix seconds>,v1=<hex>` is the HMAC-SHA256 of `<t>.<body>`: a receiver checks
 * it and refuses an old `t`. `Idempotency-Key` is the same for every delivery of the same news.
 */
export function webhookNotifier({ name, url, levels, signedWith, now = Date.now }: WebhookTarget): Notifier {
  return {
    name,
    levels,
    async send({ key, level, hub, title, text, facts }: Alert, idempotencyKey, signal) {
      const body = JSON.stringify({ version: 1, key, level, hub, title, text, facts })
      const headers: Record<string, string> = {
        // Hashed, because names may have letters that a header can't carry.
        'idempotency-key': createHash('sha256').update(idempotencyKey).digest('hex').slice(0, 32),
        ...(signedWith ? { 'refit-signature': signatureOf(body, signedWith, Math.floor(now() / 1_000)) } : {}),
      }
      await post({ name, url, body, headers, signal })
    },
  }
}

/** The value of the header `Refit-Signature` for this body at this Unix time (seconds). */
function signatureOf(body: string, key: string, seconds: number): string {
  const mac = createHmac('sha256', key).update(`${seconds}.${body}`).digest('hex')
  return `t=${seconds},v1=${mac}`
}
