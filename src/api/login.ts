import { randomBytes } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import { isLoopback } from '../domain/address'
import { RefitError } from '../domain/errors'
import type { Person } from '../domain/people'
import { authenticate, unauthenticated } from '../operations/authenticate'
import { personOfClaims } from '../operations/oidc'
import { csrfOf, personOfSession } from '../operations/sessions'
import { type SessionCookie, sessionCookie } from './session-cookie'
import type { ApiDeps } from './types'

/** Who asks, and what their page must show with everything that it changes; null where no browser speaks by itself. */
export interface Login {
  person: Person
  csrf: string | null
}

/** How this server knows who asks. */
export interface Logins {
  cookie: SessionCookie
  /** somebody may act without a login: `refit server --insecure-local` */
  isInsecure: boolean
  /** Undefined where nobody is logged in. UNAUTHENTICATED for a token that is none. */
  of: (request: FastifyRequest) => Promise<Login | undefined>
  /** Counts UNAUTHENTICATED against the address: too many are told to wait, while a right one is always heard. */
  counting: <T>(request: FastifyRequest, attempt: () => Promise<T>) => Promise<T>
}

const failuresPerMinute = 10

/** `insecureLocal`: the name of whoever asks from this machine without a login. */
export function createLogins(
  { store, config, oidc }: Pick<ApiDeps, 'store' | 'config' | 'oidc'>,
  insecureLocal?: string,
): Logins {
  const cookie = sessionCookie({ config })
  const failures = new RateLimiterMemory({ points: failuresPerMinute, duration: 60 })
  const localCsrf = randomBytes(32).toString('base64url')

  async function counting<T>(request: FastifyRequest, attempt: () => Promise<T>): Promise<T> {
    try {
      return await attempt()
    } catch (error) {
      if (!(error instanceof RefitError) || error.code !== 'UNAUTHENTICATED') throw error
      request.log.warn({ ip: request.ip, method: request.method, route: request.routeOptions.url }, 'login failed')
      await countFailure(failures, request.ip)
      throw error
    }
  }

  async function ofBearer(request: FastifyRequest, secret: string): Promise<Login> {
    const person = await counting(request, () =>
      looksLikeJwt(secret) ? ofAccessToken(secret) : authenticate({ store, config }, secret),
    )
    return { person, csrf: null }
  }

  /** Without an audience there is no telling whether a token of the provider was meant for Refit. */
  async function ofAccessToken(token: string): Promise<Person> {
    if (!oidc || config.server.oidc?.audience === undefined) throw unauthenticated('This token is not valid.')
    return personOfClaims(config, await oidc.verify(token)).person
  }

  async function ofSession(secret: string): Promise<Login | undefined> {
    const person = await personOfSession({ store, config }, secret)
    return person && { person, csrf: csrfOf(secret) }
  }

  /** A name that leads here although it isn't this machine's is somebody else's page. */
  function local({ hostname }: FastifyRequest, name: string): Login | undefined {
    return isLoopback(hostname)
      ? { person: { name, groups: [], scope: 'admin', via: 'local' }, csrf: localCsrf }
      : undefined
  }

  return {
    cookie,
    counting,
    isInsecure: insecureLocal !== undefined,
    async of(request) {
      // What a proxy wants of a browser, such as Basic, is no business of this server's.
      const bearer = bearerOf(request.headers.authorization)
      if (bearer !== undefined) return ofBearer(request, bearer)
      const secret = cookie.read(request)
      const login = secret === undefined ? undefined : await ofSession(secret)
      return login ?? (insecureLocal === undefined ? undefined : local(request, insecureLocal))
    },
  }
}

const looksLikeJwt = (secret: string): boolean => /^eyJ[\w-]*\.[\w-]+\.[\w-]+$/.test(secret)

/** Undefined for another scheme. */
function bearerOf(header = ''): string | undefined {
  const [, token] = /^Bearer +(\S+)$/i.exec(header) ?? []
  return token
}

async function countFailure(failures: RateLimiterMemory, address: string): Promise<void> {
  try {
    await failures.consume(address)
  } catch (spent) {
    if (!(spent instanceof RateLimiterRes)) throw spent
    throw new RefitError('RATE_LIMITED', 'Too many wrong tokens came from this address.', 'Check the token.', {
      retryAfterMs: spent.msBeforeNext,
    })
  }
}
