import type { FastifyReply, FastifyRequest } from 'fastify'
import { isLoopback } from '../domain/address'
import type { ApiDeps } from './types'

/** The cookie in which a browser keeps a login. */
export interface SessionCookie {
  read: (request: FastifyRequest) => string | undefined
  set: (request: FastifyRequest, reply: FastifyReply, secret: string) => void
  clear: (request: FastifyRequest, reply: FastifyReply) => void
}

/** Whether a browser reaches this over TLS: everywhere but on this machine, where nothing lies between. */
export const isSecure = ({ hostname }: FastifyRequest, url: string | undefined): boolean =>
  url?.startsWith('https:') === true || !isLoopback(hostname)

/** `__Host-` keeps other hosts of the domain from planting a login of theirs. */
export const cookieName = (name: string, secure: boolean): string => (secure ? `__Host-${name}` : name)

export function sessionCookie({ config: { server } }: Pick<ApiDeps, 'config'>): SessionCookie {
  const nameFor = (request: FastifyRequest): string => cookieName('refit_session', isSecure(request, server.url))
  const options = (request: FastifyRequest) =>
    ({ path: '/', httpOnly: true, sameSite: 'lax', secure: isSecure(request, server.url) }) as const
  return {
    read: (request) => request.cookies[nameFor(request)],
    set: (request, reply, secret) =>
      void reply.setCookie(nameFor(request), secret, {
        ...options(request),
        maxAge: Math.floor(server.session.lifetimeMs / 1_000),
      }),
    clear: (request, reply) => void reply.clearCookie(nameFor(request), options(request)),
  }
}
