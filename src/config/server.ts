/** Where people reach the HTTP server, and how they log in (docs/security.md). */
import ipaddr from 'ipaddr.js'
import { z } from 'zod'
import type { scopes } from '../domain/people'
import { count, duration, object, text, url } from './values'

const groups = z
  .array(text(), { error: 'must be a list' })
  .min(1, { error: 'must name at least one group; "*" is everybody whom the provider lets in' })
  .optional()

const session = object({
  lifetime: duration('5m').default(43_200_000).describe('how long a login lasts at most'),
  idle: duration('5m').default(7_200_000).describe('how long it lasts without a request'),
}).transform(({ lifetime, idle }) => ({ lifetimeMs: lifetime, idleMs: idle }))

const oidc = object({
  issuer: url.describe('what /.well-known/openid-configuration stands below'),
  clientId: text(),
  clientSecret: text().describe('a reference such as "${OIDC_CLIENT_SECRET}"'),
  audience: text()
    .optional()
    .describe('of access tokens that programs send to /api/v1; without it only those of refit token create are taken'),
  requestScopes: z
    .array(text().regex(/^\S+$/, { error: 'must be one word' }), { error: 'must be a list' })
    .default(['openid', 'profile', 'email'])
    .describe('what is asked of the provider; openid is among it in any case'),
  nameClaim: text().default('email').describe('who somebody is: the name that votes carry'),
  groupsClaim: text().default('groups').describe('a list of words'),
  scopes: object({ viewer: groups, approver: groups, operator: groups, admin: groups } satisfies Record<
    (typeof scopes)[number],
    unknown
  >).describe('which groups of the provider may do what; "*" is everybody whom it lets in'),
})

const network = text()
  .refine((value) => ipaddr.isValid(value) || ipaddr.isValidCIDR(value), {
    error: 'must be an address or a network such as 10.0.0.0/8',
  })
  .refine((value) => !value.endsWith('/0'), { error: 'must not be every address: then anybody could forge one' })

export const server = object({
  url: url.optional().describe('where people reach it, such as https://refit.example.org'),
  session: session.prefault({}),
  requestsPerMinute: count(60, 1_000_000).default(1_200).describe('of one person'),
  trustedProxies: z
    .array(network, { error: 'must be a list' })
    .optional()
    .describe('whose X-Forwarded-For is believed when requests of one address are counted'),
  oidc: oidc.optional(),
})
