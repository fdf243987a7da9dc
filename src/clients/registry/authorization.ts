import type { IncomingHttpHeaders } from 'node:http'
import type { ReadOptions } from '../contracts'
import { challengeOf, type Challenge } from './challenge'
import type { Credentials } from './credentials'
import { basic } from './credentials/credential'
import type { Endpoint } from './endpoint'
import { refused } from './failures'
import type { Tokens } from './tokens'

/** What goes into the Authorization header of a repository's requests. */
export interface Authorization {
  /** whether the registry ever asked for something, or is known to ask for nothing */
  isAsked(endpoint: Endpoint): boolean
  /** it asks for nothing */
  asksNothing(endpoint: Endpoint): void
  /** Undefined while nothing is known to be wanted; nothing is asked twice for the next requests. */
  header(endpoint: Endpoint, options: ReadOptions): Promise<string | undefined> | undefined
  /** After a 401 to a request with the header `used`: another header. Throws REGISTRY_REFUSED when there is none. */
  renewed(
    endpoint: Endpoint,
    options: ReadOptions,
    headers: IncomingHttpHeaders,
    used: string | undefined,
  ): Promise<string>
}

/** Remembers what each registry asked for, so that only its first request is answered with 401. */
export function createAuthorization(credentials: Credentials, tokens: Tokens): Authorization {
  const challenges = new Map<string, Challenge | undefined>()

  const headerFor = async (challenge: Challenge, endpoint: Endpoint, options: ReadOptions) => {
    const { id, credential } = await credentials.of(endpoint, options)
    if (credential?.kind === 'bearer') return `Bearer ${credential.token}`
    if (challenge.kind === 'bearer')
      return `Bearer ${await tokens.get({ endpoint, challenge, credential, credentialId: id, signal: options.signal })}`
    return credential?.kind === 'basic' ? basic(credential) : undefined
  }

  return {
    isAsked: ({ origin }) => challenges.has(origin),
    asksNothing: ({ origin }) => void challenges.set(origin, undefined),
    header(endpoint, options) {
      const challenge = challenges.get(endpoint.origin)
      return challenge && headerFor(challenge, endpoint, options)
    },
    async renewed(endpoint, options, headers, used) {
      const challenge = challengeOf(headers, endpoint)
      if (!challenge) throw refused(endpoint, `${endpoint.host} answered 401 for ${endpoint.repository}`)
      challenges.set(endpoint.origin, challenge)
      if (used !== undefined) {
        // What it didn't take may have been changed or revoked since it was read.
        credentials.forget(endpoint, options)
        tokens.forget(used)
      }
      const header = await headerFor(challenge, endpoint, options)
      if (header === undefined) throw refused(endpoint, `${endpoint.host} answered 401 for ${endpoint.repository}`)
      return header
    },
  }
}
