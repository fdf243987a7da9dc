import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { answerError, problemOf } from './errors'

/** What a person sees where a login went wrong: a page without scripts and styles, because the page itself may be away. */
export function answerLoginError(error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  void answerHeaders(reply)
  if (!/\btext\/html\b/.test(request.headers.accept ?? '')) return answerError(error, request, reply)
  request.log.warn({ err: error, route: request.routeOptions.url }, 'login failed')
  const { status, detail, next = '' } = problemOf(error)
  return reply.code(status).type('text/html; charset=utf-8').send(`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Refit: not logged in</title></head>
<body><main><h1>You are not logged in</h1><p>${escaped(detail)}</p><p>${escaped(next)}</p>
<p><a href="/auth/oidc">Log in again</a> or <a href="/">go to Refit</a></p></main></body>
</html>
`)
}

const answerHeaders = (reply: FastifyReply): FastifyReply => reply.header('cache-control', 'no-store')

const escaped = (text: string): string => text.replace(/[&<>"']/g, (letter) => `&#${letter.codePointAt(0)};`)
