import type { Webhook } from '../../config'
import { webhookPath } from '../../operations/webhook-key'
import type { Command } from '../context'

/** What `refit webhooks -o json` prints. */
export interface WebhookLine {
  kind: string
  host: string | null
  path: string
  /** how the sender shows that it knows the secret, beyond the path */
  proof: 'signature' | 'authorization' | null
}

const proofs: Readonly<Record<Webhook['kind'], WebhookLine['proof']>> = {
  distribution: 'authorization',
  dockerhub: null,
  harbor: 'authorization',
  ghcr: 'signature',
  quay: null,
}

const proofInWords = { signature: 'the secret, to sign with', authorization: 'the secret, as Authorization header' }

/** The path of each webhook, and what else its sender needs. */
export const run: Command<unknown> = async (context) => {
  const { webhooks } = await context.parts.config()
  const lines = webhooks.map((webhook): WebhookLine => {
    const { kind, host = null } = webhook
    return { kind, host, path: webhookPath(webhook), proof: proofs[kind] }
  })
  context.print(lines, () =>
    lines.length === 0
      ? ['refit.yaml has no webhooks']
      : lines.flatMap(({ kind, host, path, proof }) => [
          `${kind}${host ? ` of ${host}` : ''}${proof ? `; give it ${proofInWords[proof]}` : ''}`,
          `  ${path}`,
        ]),
  )
}
