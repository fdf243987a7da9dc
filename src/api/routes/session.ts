import { z } from 'zod'
import { csrfOf, endSession, openTokenSession } from '../../operations/sessions'
import { assertOwnPage, assertSameSite } from '../csrf'
import type { Login, Logins } from '../login'
import { problems } from '../schemas'
import { sessionAnswer, tokenBody } from '../session-schemas'
import type { Api, ApiDeps } from '../types'

/** Who is logged in, and how one logs in with a token and out again. */
export function sessionRoutes(
  app: Api,
  { store, config, oidc }: ApiDeps,
  { logins, version }: { logins: Logins; version: string },
): void {
  const tags = ['login']
  const away = { 503: 'the store is away' }
  const { cookie } = logins
  const answerTo = (login: Login | undefined): z.output<typeof sessionAnswer> => ({
    ...{ hub: config.hub, version, oidc: oidc !== undefined, insecureLocal: logins.isInsecure },
    temporalUi: (login && config.temporalUi) ?? null,
    ...{ person: login?.person ?? null, csrf: login?.csrf ?? null },
  })

  app.get(
    '/api/v1/session',
    {
      schema: {
        ...{ summary: 'who is logged in; needs no login', tags },
        response: {
          200: sessionAnswer,
          ...problems({ 401: 'a token that is not valid', 429: 'too many wrong tokens from this address', ...away }),
        },
      },
    },
    async (request, reply) => {
      void reply.header('cache-control', 'no-store')
      const login = await logins.of(request)
      if (!login?.csrf && cookie.read(request) !== undefined) cookie.clear(request, reply)
      return answerTo(login)
    },
  )

  app.post(
    '/auth/token',
    {
      schema: {
        ...{ summary: 'log a browser in with a token', tags, body: tokenBody },
        response: {
          200: sessionAnswer.describe('with the cookie of the session'),
          ...problems({
            400: 'the body lacks the token',
            401: 'the token is not valid',
            403: 'the request comes from a page of another site',
            413: 'the body is too large',
            415: 'the body is not JSON',
            429: 'too many wrong tokens from this address; Retry-After says when to go on',
            ...away,
          }),
        },
      },
      onRequest: (request, _reply, done) => {
        assertSameSite(request)
        done()
      },
    },
    async (request, reply) => {
      void reply.header('cache-control', 'no-store')
      const { token } = request.body
      const { secret, person } = await logins.counting(request, () => openTokenSession({ store, config }, token))
      const former = cookie.read(request)
      if (former !== undefined) await endSession({ store }, former)
      cookie.set(request, reply, secret)
      return answerTo({ person, csrf: csrfOf(secret) })
    },
  )

  app.post(
    '/auth/logout',
    {
      schema: {
        ...{ summary: 'end the session of this browser', tags },
        response: {
          204: z.undefined().describe('nobody is logged in any more'),
          ...problems({ 403: 'the page lacks x-csrf-token', ...away }),
        },
      },
    },
    async (request, reply) => {
      const secret = cookie.read(request)
      if (secret !== undefined) {
        assertOwnPage(request, csrfOf(secret))
        await endSession({ store }, secret)
        cookie.clear(request, reply)
      }
      return reply.code(204).send()
    },
  )
}
