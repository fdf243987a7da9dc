import type { FastifyReply, FastifyRequest } from 'fastify'
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import { z } from 'zod'
import { RefitError } from '../../domain/errors'
import { attemptSeconds, openAttempt, ownPath, sealAttempt } from '../../operations/login-attempt'
import { type OidcProvider, personOfClaims } from '../../operations/oidc'
import { endSession, openOidcSession } from '../../operations/sessions'
import { answerLoginError } from '../login-problem'
import type { Logins } from '../login'
import { problems } from '../schemas'
import { cookieName, isSecure } from '../session-cookie'
import type { Api, ApiDeps } from '../types'

/** Logins that one address may begin or end in a minute: each asks the provider. */
const perMinute = 60

const refusals = {
  404: 'refit.yaml has no server.oidc',
  429: 'too many logins from this address; Retry-After says when to go on',
  503: 'the provider or the store is away',
}

/** Logins by the OIDC provider of refit.yaml: authorization code with PKCE. */
export function oidcRoutes(app: Api, { store, config, oidc }: ApiDeps, logins: Logins): void {
  const { url, oidc: rules } = config.server
  const attempts = new RateLimiterMemory({ points: perMinute, duration: 60 })
  const secret = rules?.clientSecret ?? ''
  const cookieFor = (request: FastifyRequest): string => cookieName('refit_login', isSecure(request, url))
  // Lax: the way back from the provider is a link from another site.
  const options = (request: FastifyRequest) =>
    ({ path: '/', httpOnly: true, sameSite: 'lax', secure: isSecure(request, url) }) as const

  app.get(
    '/auth/oidc',
    {
      errorHandler: (...failed) => void answerLoginError(...failed),
      schema: {
        ...{ summary: 'log in at the OIDC provider', tags: ['login'] },
        querystring: z.object({ next: z.string().max(2_000).optional().describe('the path to come back to') }),
        response: {
          302: z.undefined().describe('to the provider'),
          ...problems({ 400: 'next is too long', ...refusals }),
        },
      },
    },
    async (request, reply) => {
      const provider = await begun(request)
      const attempt = provider.newAttempt()
      const to = await provider.loginUrl(attempt)
      const sealed = await sealAttempt({ ...attempt, next: ownPath(request.query.next) }, secret)
      void reply.setCookie(cookieFor(request), sealed, { ...options(request), maxAge: attemptSeconds })
      return leadTo(reply, to, 302)
    },
  )

  app.get(
    '/auth/oidc/callback',
    {
      errorHandler: (...failed) => void answerLoginError(...failed),
      schema: {
        ...{ summary: 'where the OIDC provider sends people back to', tags: ['login'] },
        response: {
          303: z.undefined().describe('logged in, with the cookie of the session'),
          ...problems({
            401: 'the provider or a check refused the login',
            403: 'nobody who may use this Refit',
            ...refusals,
          }),
        },
      },
    },
    async (request, reply) => {
      const provider = await begun(request)
      const sealed = request.cookies[cookieFor(request)]
      void reply.clearCookie(cookieFor(request), options(request))
      const attempt = sealed === undefined ? undefined : await openAttempt(sealed, secret)
      if (!attempt) throw tooLate()
      const query = request.url.slice(request.url.indexOf('?'))
      const { person, groups } = personOfClaims(config, await provider.whoCameBack(query, attempt))
      const former = logins.cookie.read(request)
      const session = await openOidcSession({ store, config }, person, groups)
      if (former !== undefined) await endSession({ store }, former)
      logins.cookie.set(request, reply, session.secret)
      request.log.info({ name: person.name, scope: person.scope }, 'logged in by OIDC')
      return leadTo(reply, ownPath(attempt.next), 303)
    },
  )

  async function begun(request: FastifyRequest): Promise<OidcProvider> {
    if (!oidc) throw new RefitError('ROUTE_UNKNOWN', 'This Refit has no OIDC provider.', 'Log in with a token.')
    try {
      await attempts.consume(request.ip)
    } catch (spent) {
      if (!(spent instanceof RateLimiterRes)) throw spent
      throw new RefitError('RATE_LIMITED', 'Too many logins come from this address.', 'Wait a minute.', {
        retryAfterMs: spent.msBeforeNext,
      })
    }
    return oidc
  }
}

const leadTo = (reply: FastifyReply, to: string, status: 302 | 303): FastifyReply =>
  reply.header('cache-control', 'no-store').redirect(to, status)

const tooLate = (): RefitError =>
  new RefitError(
    'UNAUTHENTICATED',
    'This login took too long, or began in another browser.',
    'Log in again, in one go and in one browser.',
  )
