import { z } from 'zod'
import { object, oneOf, text, url } from './values'

const addressAllowed = 'must be an e-mail address, such as ops@example.org or "Refit <refit@example.org>"'
const address = text(addressAllowed).regex(/^(?:[^<>"@]*<[^\s<>@]+@[^\s<>@]+>|[^\s<>@,;]+@[^\s<>@,;]+)$/, {
  error: addressAllowed,
})

const smtpAllowed = 'must be a URL such as smtps://user:password@mail.example.org'
const smtp = text(smtpAllowed)
  .refine(isSmtpUrl, { error: smtpAllowed })
  .describe('smtps:// is TLS from the start, smtp:// STARTTLS')

function isSmtpUrl(value: string): boolean {
  try {
    const { protocol, hostname, username, password } = new URL(value)
    decodeURIComponent(username + password)
    return /^smtps?:$/.test(protocol) && hostname !== ''
  } catch {
    return false
  }
}

/** A target of alerts in refit.yaml: exactly one of slack, slackBot, webhook, alertmanager and email (rules.ts). */
export const alert = object({
  slack: url.optional().describe('incoming webhook'),
  slackBot: object({
    token: text().describe('bot token; chat:write is all it needs'),
    channel: text('must be a channel id, such as C012ABCDEF'),
    signingSecret: text().optional().describe('of the Slack app, for its buttons'),
  }).optional(),
  webhook: url.optional(),
  signedWith: text()
    .optional()
    .describe('secret of the Standard Webhooks signature: whsec_ and base64, or a text of at least 16 letters'),
  alertmanager: url.optional().describe('base URL'),
  email: object({
    smtp,
    from: address,
    to: z.array(address, { error: 'must be a list' }).min(1, { error: 'must name at least one address' }),
  }).optional(),
  on: z
    .array(oneOf(['info', 'action', 'page']), { error: 'must be a list' })
    .min(1, { error: 'must have at least one of info, action, page' })
    .default(['action', 'page']),
  format: oneOf(['refit', 'ml-operator']).optional().describe('of a slack target'),
  allowPrivate: z
    .boolean({ error: 'must be true or false' })
    .default(false)
    .describe('it may be in a private network or on this machine'),
}).transform(({ slack, slackBot, webhook, alertmanager, email, signedWith, on, format, allowPrivate }) => {
  const common = { on, allowPrivate }
  if (slackBot !== undefined) return { ...common, kind: 'slackBot' as const, ...slackBot }
  if (alertmanager !== undefined) return { ...common, kind: 'alertmanager' as const, url: alertmanager }
  if (email !== undefined) return { ...common, kind: 'email' as const, ...email }
  if (slack !== undefined)
    return { ...common, kind: 'slack' as const, url: slack, format: format ?? ('refit' as const) }
  return { ...common, kind: 'webhook' as const, url: webhook ?? '', signedWith }
})
