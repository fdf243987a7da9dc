import cookies from '@fastify/cookie'
import swagger from '@fastify/swagger'
import fastify, { LogController, type FastifyBaseLogger } from 'fastify'
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod'
import { addAuthentication } from './auth'
import { addCompressed } from './compressed'
import { documentOptions } from './document'
import { answerError, answerUnknownRoute } from './errors'
import { addPage } from './page'
import { addRepeated } from './repeated'
import { changeRoutes } from './routes/changes'
import { codecRoutes } from './routes/codec'
import { dataRoutes } from './routes/data'
import { createLogins } from './login'
import { auditRoutes } from './routes/audit'
import { explainRoutes } from './routes/explain'
import { freezeRoutes } from './routes/freezes'
import { healthRoutes } from './routes/health'
import { hubRoutes } from './routes/hub'
import { oidcRoutes } from './routes/oidc'
import { imageRoutes } from './routes/images'
import { metricRoutes } from './routes/metrics'
import { promotionRoutes } from './routes/promotions'
import { releaseRoutes } from './routes/releases'
import { repairRoutes } from './routes/repairs'
import { scheduleRoutes } from './routes/schedules'
import { serviceRoutes } from './routes/services'
import { sessionRoutes } from './routes/session'
import { slackRoutes } from './routes/slack'
import { tokenRoutes } from './routes/tokens'
import { upgradeRoutes } from './routes/upgrades'
import { voteRoutes } from './routes/votes'
import { webhookRoutes } from './routes/webhooks'
import { addSecurityHeaders } from './security-headers'
import type { Api, ApiDeps } from './types'

/** A webhook is a few kilobytes; the largest, a registry's envelope of many events, stays well below. */
const bodyLimit = 1_048_576
/** Asked every few seconds by machines: no news for a log. */
const probes: ReadonlySet<string> = new Set(['/livez', '/readyz', '/metrics'])
const timeouts = { headersMs: 5_000, requestMs: 10_000, handlerMs: 35_000 }

/**
 * The HTTP API, not listening yet, so that tests can inject requests. `close` it: what still waits to be passed on is.
 * Paths of webhooks are capabilities, so no log shows a path; it shows the route.
 */
export async function createApp(
  deps: ApiDeps,
  {
    logger,
    version,
    isLocal,
    page,
    insecureLocal,
  }: {
    logger: FastifyBaseLogger
    version: string
    /** only this machine can reach it: `/explain/…` asks for no token */ isLocal: boolean
    /** where the built operators' page is; none is served without */ page?: string | undefined
    /** whoever asks from this machine may do everything without a login, under this name */ insecureLocal?: string
  },
): Promise<Api> {
  const app: Api = fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit,
    // Without a login the Host that was really asked for decides.
    trustProxy: insecureLocal === undefined ? [...(deps.config.server.trustedProxies ?? [])] : false,
    requestTimeout: timeouts.requestMs,
    handlerTimeout: timeouts.handlerMs,
    http: { headersTimeout: timeouts.headersMs, maxHeaderSize: 16_384 },
    forceCloseConnections: 'idle',
    // What is too long is for a route's schema to say; no header is longer.
    routerOptions: { maxParamLength: 16_384 },
    frameworkErrors: (error, request, reply) => void answerError(error, request, reply),
  }).withTypeProvider<ZodTypeProvider>()
  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(serializerCompiler)
  app.setErrorHandler(answerError)
  let closing = false
  app.addHook('preClose', (done) => {
    closing = true
    done()
  })
  // Otherwise closing would wait for the sender of the last answer to let go of its connection.
  app.addHook('onSend', (_request, reply, payload, done) => {
    if (closing) void reply.header('connection', 'close')
    done(null, payload)
  })
  app.addHook('onResponse', async ({ log, method, routeOptions }, reply) => {
    const said = { method, route: routeOptions.url, status: reply.statusCode, ms: Math.round(reply.elapsedTime) }
    const isProbe = probes.has(routeOptions.url ?? '')
    log[isProbe ? 'debug' : 'info'](said, 'request')
  })
  await app.register(swagger, documentOptions(version))
  deps.traces?.requests?.(app)
  await app.register(cookies)
  await addSecurityHeaders(app, deps)
  await addPage(app, { folder: page, otherwise: answerUnknownRoute })
  const logins = createLogins(deps, insecureLocal)
  if (deps.metrics) metricRoutes(app, deps.metrics, { isLocal })
  addAuthentication(app, deps, logins)
  addRepeated(app, deps)
  addCompressed(app)
  sessionRoutes(app, deps, { logins, version })
  oidcRoutes(app, deps, logins)
  healthRoutes(app, deps)
  imageRoutes(app, deps)
  explainRoutes(app, deps, { isLocal })
  const routes = [
    ...[serviceRoutes, voteRoutes, repairRoutes, upgradeRoutes, releaseRoutes, dataRoutes, hubRoutes, freezeRoutes],
    ...[scheduleRoutes, tokenRoutes, changeRoutes, promotionRoutes, auditRoutes],
  ]
  for (const add of routes) add(app, deps)
  if (deps.codec) await codecRoutes(app, deps, deps.codec)
  // In scopes of their own, because they read bodies as they came.
  for (const add of [webhookRoutes, slackRoutes])
    await app.register((scope, _options, done) => {
      add(scope.withTypeProvider<ZodTypeProvider>(), deps)
      done()
    })
  app.get('/openapi.json', { schema: { hide: true } }, () => app.swagger())
  await app.ready()
  return app
}
