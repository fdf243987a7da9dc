import { createHmac } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { Webhook } from '../config'
import { isSame } from '../operations/webhook-key'

/**
 * Whether the sender knows the secret, as far as its kind can show that beyond the path: GitHub signs the body, Harbor and
 * distribution send a header of one's choice. Docker Hub and Quay can do neither.
 */
export function isProven({ kind, secret }: Webhook, headers: IncomingHttpHeaders, body: Buffer): boolean {
  switch (kind) {
    case 'ghcr':
      return isSame(`sha256=${createHmac('sha256', secret).update(body).digest('hex')}`, signatureOf(headers))
    case 'harbor':
    case 'distribution':
      return isSame(secret, (headers.authorization ?? '').replace(/^Bearer /i, ''))
    case 'dockerhub':
    case 'quay':
      return true
  }
}

const signatureOf = (headers: IncomingHttpHeaders): string => {
  const signature = headers['x-hub-signature-256']
  return typeof signature === 'string' ? signature : ''
}
