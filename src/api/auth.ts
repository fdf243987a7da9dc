import type { FastifyRequest } from 'fastify'
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import { RefitError } from '../domain/errors'
import type { Person, Scope } from '../domain/people'
import { authenticate, authorize, unauthenticated } from '../operations/authenticate'
import { problems } from './schemas'
import type { Api, ApiDeps } from './types'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** who may ask; absent: anybody */
    scope?: Scope
  }
  interface FastifyRequest {
    /** who asks, where the route has a scope */
    person?: Person
    /** asks again, for answers that last: throws as a new request would be refused */
    stillMay?: () => Promise<void>
  }
}

const failuresPerMinute = 10

/**
 * Routes with `config: { scope }` want `Authorization: Bearer rft_…` of somebody with that scope, and get `request.person`.
 * Too many wrong tokens from one address are told to wait; a right one is always heard, so that nobody behind the same
 * proxy can keep others from approving.
 */
export function addAuthentication(app: Api, { store, config }: Pick<ApiDeps, 'store' | 'config'>): void {
  const failures = new RateLimiterMemory({ points: failuresPerMinute, duration: 60 })
  app.decorateRequest('person', undefined)
  app.decorateRequest('stillMay', undefined)
  app.addHook('onRequest', async (request, reply) => {
    const { scope } = request.routeOptions.config
    if (scope === undefined) return
    // Neither a browser nor a proxy may keep what only this person may see.
    void reply.header('cache-control', 'no-store')
    request.person = await personOf(request)
    authorize(request.person, scope)
    request.stillMay = async () => authorize(await personOf(request), scope)
  })

  async function personOf(request: FastifyRequest): Promise<Person> {
    const secret = bearerOf(request.headers.authorization)
    if (secret === undefined) throw unauthenticated('This needs a token: Authorization: Bearer rft_….')
    try {
      return await authenticate({ store, config }, secret)
    } catch (error) {
      if (!(error instanceof RefitError) || error.code !== 'UNAUTHENTICATED') throw error
      request.log.warn({ ip: request.ip, method: request.method, route: request.routeOptions.url }, 'login failed')
      await countFailure(failures, request.ip)
      throw error
    }
  }
}

/** Undefined where there is no token, or another scheme. */
function bearerOf(header: string | undefined): string | undefined {
  const [, token] = /^Bearer +(\S+)$/i.exec(header ?? '') ?? []
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

/** What every route with a scope says of itself in the document. */
export const guarded = <const S extends Scope>(scope: S) => ({
  config: { scope },
  security: [{ token: [] as string[] }],
  problems: problems({
    401: 'no token, or none that is valid',
    403: `the token's scope is less than ${scope}`,
    429: 'too many wrong tokens from this address; Retry-After says when to go on',
  }),
})
