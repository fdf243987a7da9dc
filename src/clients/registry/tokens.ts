import type { Challenge } from './challenge'
import { basic, type Credential } from './credentials/credential'
import type { Endpoint } from './endpoint'
import { badAnswer, refused } from './failures'
import type { Polite } from './polite'
import { singleFlight } from './single-flight'
import type { Send } from './transport'

type Bearer = Extract<Challenge, { kind: 'bearer' }>

interface Wanted {
  endpoint: Endpoint
  challenge: Bearer
  credential: Credential | undefined
  /** tells tokens of different credentials apart */
  credentialId: string
  signal: AbortSignal | undefined
}

export interface Tokens {
  /** A token to pull from the repository, reused until shortly before it expires. */
  get(wanted: Wanted): Promise<string>
  /** the token in this header is not used again */
  forget(header: string): void
}

interface Token {
  token: string
  goodUntil: number
}

const maxTokens = 10_000
const maxBytes = 256 * 1024
/** What a token server means that doesn't say: the specification's value. */
const unsaidSeconds = 60
const marginMs = 10_000

/** Tokens of the distribution project's token servers (GET, and OAuth 2 with identity tokens), for pulling only. */
export function createTokens(polite: Polite): Tokens {
  const known = new Map<string, Token>()
  const flight = singleFlight<string>()
  return {
    get(wanted) {
      const { endpoint, challenge, credentialId } = wanted
      const key = [endpoint.origin, challenge.realm.href, endpoint.path, credentialId].join('\n')
      const token = known.get(key)
      if (token && token.goodUntil > Date.now()) return Promise.resolve(token.token)
      return flight(key, wanted.signal, async (signal) => {
        const fresh = await fetchToken(polite, wanted, signal)
        known.delete(key)
        known.set(key, fresh)
        const [oldest] = known.keys()
        if (known.size > maxTokens && oldest !== undefined) known.delete(oldest)
        return fresh.token
      })
    },
    forget(header) {
      for (const [key, { token }] of known) if (header === `Bearer ${token}`) known.delete(key)
    },
  }
}

async function fetchToken(polite: Polite, wanted: Wanted, signal: AbortSignal): Promise<Token> {
  const { endpoint, challenge, credential } = wanted
  const { realm, service } = challenge
  if (credential?.registryOnly && realm.origin !== endpoint.origin)
    throw badAnswer(endpoint, `it sends credentials of a cloud to ${realm.host}`)
  const scope = `repository:${endpoint.path}:pull`
  const common = { ...(service === undefined ? {} : { service }), scope }
  const { status, body } = await polite(endpoint, signal, (): Omit<Send, 'signal'> =>
    credential?.kind === 'identity'
      ? {
          method: 'POST',
          path: `${realm.pathname}${realm.search}`,
          foreign: realm.origin,
          headers: { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' },
          body: new URLSearchParams({
            grant_type: 'refresh_token',
            client_id: 'refit',
            refresh_token: credential.token,
            ...common,
          }).toString(),
          maxBytes,
        }
      : {
          method: 'GET',
          path: withQuery(realm, common),
          foreign: realm.origin,
          headers: {
            accept: 'application/json',
            ...(credential?.kind === 'basic' ? { authorization: basic(credential) } : {}),
          },
          maxBytes,
        },
  )
  if (status === 401 || status === 403)
    throw refused(endpoint, `${realm.host} answered ${status} to the request for a token for ${endpoint.repository}`)
  if (status !== 200) throw badAnswer(endpoint, `${realm.host} answered ${status} to the request for a token`)
  return tokenIn(body, endpoint)
}

function withQuery(realm: URL, query: Record<string, string>): string {
  const url = new URL(realm)
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value)
  return `${url.pathname}${url.search}`
}

/** Never shows the body: it may hold a token. */
function tokenIn(body: Buffer, endpoint: Endpoint): Token {
  const answer = objectIn(body)
  const token = answer?.token ?? answer?.access_token
  if (typeof token !== 'string' || !/^[\x21-\x7e]{1,16384}$/.test(token))
    throw badAnswer(endpoint, 'its token server gave no token')
  const seconds = Number(answer?.expires_in ?? unsaidSeconds)
  const ms = (seconds > 0 ? Math.min(seconds, 86_400) : unsaidSeconds) * 1_000
  return { token, goodUntil: Date.now() + ms - Math.min(marginMs, ms / 2) }
}

function objectIn(body: Buffer): Record<string, unknown> | undefined {
  try {
    const parsed = JSON.parse(body.toString('utf8')) as unknown
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
