import helmet from '@fastify/helmet'
import { isSecure } from './session-cookie'
import type { Api, ApiDeps } from './types'

const yearSeconds = 31_536_000

/**
 * What browsers are told with every answer: scripts and styles of this server only, none inside of pages, no frames, no
 * guessing of content types. But for this machine they are told to come over https for a year, which they ignore over http.
 */
export async function addSecurityHeaders(app: Api, { config: { server } }: Pick<ApiDeps, 'config'>): Promise<void> {
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'", 'data:'],
        fontSrc: ["'self'"],
        connectSrc: ["'self'"],
        manifestSrc: ["'self'"],
        formAction: ["'self'"],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    frameguard: { action: 'deny' },
    referrerPolicy: { policy: 'no-referrer' },
    strictTransportSecurity: false,
  })
  app.addHook('onSend', (request, reply, payload, done) => {
    if (isSecure(request, server.url)) void reply.header('strict-transport-security', `max-age=${yearSeconds}`)
    void reply.header('permissions-policy', 'camera=(), geolocation=(), microphone=(), payment=(), usb=()')
    done(null, payload)
  })
}
