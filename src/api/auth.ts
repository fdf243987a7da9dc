import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import { RefitError } from '../domain/errors'
import type { Person, Scope } from '../domain/people'
import { authorize, unauthenticated } from '../operations/authenticate'
import { assertOwnPage, isSafe } from './csrf'
import type { Login, Logins } from './login'
import { problems } from './schemas'
import type { Api, ApiDeps } from './types'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** who may ask; absent: anybody */
    scope?: Scope
    /** the one other origin whose pages may ask, too */
    otherPage?: string
    /** it changes nothing, although its method says that it might */
    reads?: boolean
  }
  interface FastifyRequest {
    /** who asks, where the route has a scope */
    person?: Person
    /** asks again, for answers that last: throws as a new request would be refused */
    stillMay?: () => Promise<void>
  }
}

/**
 * Routes with `config: { scope }` want a login of somebody with that scope, and get `request.person`: a token
 * (`Authorization: Bearer rft_…`), or the session of a browser, whose page shows that it is Refit's own. One person is told
 * to wait after so many requests in a minute.
 */
export function addAuthentication(app: Api, { config }: Pick<ApiDeps, 'config'>, logins: Logins): void {
  const requests = new RateLimiterMemory({ points: config.server.requestsPerMinute, duration: 60 })
  app.decorateRequest('person', undefined)
  app.decorateRequest('stillMay', undefined)
  app.addHook('onRequest', async (request, reply) => {
    const { scope, otherPage, reads = isSafe(request) } = request.routeOptions.config
    if (scope === undefined) return
    // Neither a browser nor a proxy may keep what only this person may see.
    void reply.header('cache-control', 'no-store')
    const enter = async (): Promise<Login> => {
      const login = await logins.of(request)
      if (!login) throw unauthenticated('This needs a login: on the page, or by Authorization: Bearer rft_….')
      return login
    }
    const login = await enter()
    await limit(requests, login.person, reads ? 'reads' : 'changes')
    request.person = login.person
    // No page can make a browser name another origin than its own.
    if (otherPage === undefined || request.headers.origin !== otherPage) assertOwnPage(request, login.csrf)
    authorize(login.person, scope)
    request.stillMay = async () => authorize((await enter()).person, scope)
  })
}

/** Counted apart, so that open pages never keep anybody from an abort. */
async function limit(requests: RateLimiterMemory, { name }: Person, what: 'reads' | 'changes'): Promise<void> {
  try {
    await requests.consume(`${what}/${name}`)
  } catch (spent) {
    if (!(spent instanceof RateLimiterRes)) throw spent
    throw new RefitError('RATE_LIMITED', `${name} asks too often.`, 'Go on when Retry-After says so.', {
      retryAfterMs: spent.msBeforeNext,
    })
  }
}

/** What every route with a scope says of itself in the document. */
export const guarded = <const S extends Scope>(scope: S) => ({
  config: { scope },
  security: [{ token: [] }, { session: [] }] as Record<string, string[]>[],
  problems: problems({
    401: 'no login, or none that is valid',
    403: `the login's scope is less than ${scope}, or the page lacks x-csrf-token`,
    429: 'too many wrong tokens from this address, or too many requests of this person; Retry-After says when to go on',
  }),
})
