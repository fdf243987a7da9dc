/**
 * Serves the page over a hub that is made up, so that every state can be looked at without one: for work on the page,
 * its pictures, and what needs no real hub to be tested. `npx tsx test/web/fake-hub.ts` prints its address.
 */
import type { ServerResponse } from 'node:http'
import fastify, { type FastifyInstance } from 'fastify'
import { answerUnknownRoute } from '../../src/api/errors'
import { addPage, pageFolder } from '../../src/api/page'
import type { Session, UpgradeRow } from '../../web/src/api/shapes'
import { calendar, freezes, hubStatus, quarantined, registries, services } from './fake-data'
import { stories } from './fake-stories'
import { alertTargets, explanation, release, schedules, serviceOf, settings } from './fake-more'

/** As strict as the real server's. */
const contentSecurityPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

export interface FakeHub {
  app: FastifyInstance
  session: Session
  /** tells every open page that this has changed */
  tell(topics: string[]): void
}

export async function fakeHub(): Promise<FakeHub> {
  const app = fastify({ forceCloseConnections: true })
  const streams = new Set<ServerResponse>()
  const tell = (topics: string[]): void => {
    for (const each of streams) each.write(`event: changed\ndata: ${JSON.stringify({ topics })}\n\n`)
  }
  const session: Session = {
    ...{ hub: hubStatus().hub, version: '0.1.0', oidc: true, insecureLocal: false, temporalUi: null, csrf: 'c' },
    person: { name: 'ana@example.org', groups: ['tech-ops'], scope: 'operator', via: 'oidc' },
  }
  app.addHook('onSend', (_request, reply, payload, done) => {
    void reply.header('content-security-policy', contentSecurityPolicy)
    done(null, payload)
  })
  app.get('/api/v1/session', () => session)
  app.get('/api/v1/services', () => hubStatus())
  app.get<{ Params: { ns: string; name: string } }>('/api/v1/services/:ns/:name', ({ params }, reply) =>
    reply.code(serviceOf(params.ns, params.name) ? 200 : 404).send(serviceOf(params.ns, params.name) ?? unknown),
  )
  app.get('/explain/:ns/:name', () => explanation())
  app.get('/api/v1/upgrades', () => ({ upgrades: Object.values(stories).map(({ upgrade }) => upgrade), next: null }))
  app.get<{ Params: { id: string } }>('/api/v1/upgrades/:id', ({ params: { id } }, reply) =>
    reply.code(stories[id] ? 200 : 404).send(stories[id] ?? unknown),
  )
  app.get('/api/v1/upgrades/:id/logs', () => ({
    logs: [
      {
        step: 'migrate/1',
        log: 'Batch 3 run: 1 migrations\n20261110_transfer_quote_id.ts',
        at: hubStatus().scan?.endedAt,
      },
    ],
  }))
  app.get('/api/v1/upgrades/:id/report', () => '# Report\n')
  app.get('/api/v1/data', () => ({ runs: [] }))
  app.get('/api/v1/releases', () => ({ releases: [release.release], next: null }))
  app.get('/api/v1/releases/:name', () => release)
  app.get('/api/v1/calendar', () => calendar)
  app.get('/api/v1/registries', () => ({ registries }))
  app.get('/api/v1/quarantine', () => ({ quarantined }))
  app.get('/api/v1/alerts', () => ({ targets: alertTargets, alerts: [] }))
  app.get('/api/v1/schedules', () => ({ schedules }))
  app.get('/api/v1/settings', () => settings)
  app.get('/api/v1/changes', (request, reply) => {
    reply.hijack()
    reply.raw.writeHead(200, { 'content-type': 'text/event-stream' })
    reply.raw.write('retry: 500\n\n')
    streams.add(reply.raw)
    request.raw.on('close', () => streams.delete(reply.raw))
  })
  app.post<{ Params: { ns: string; name: string; verb: string } }>(
    '/api/v1/services/:ns/:name/:verb',
    ({ params: { ns, name, verb } }) => {
      const row = services.find((each) => each.namespace === ns && each.service === name)?.upgrade
      if (row && verb === 'approve') goOn(row)
      tell(['upgrade', 'vote'])
      return { message: `${verb} by ana@example.org` }
    },
  )
  app.post<{ Body: { namespace: string | null; reason: string } }>('/api/v1/freezes', ({ body }) => {
    freezes.push({
      ...body,
      id: String(freezes.length),
      by: 'ana@example.org',
      verified: true,
      at: new Date().toISOString(),
    })
    tell(['freeze'])
    return {}
  })
  app.post('/api/v1/freezes/lift', () => {
    freezes.splice(0)
    tell(['freeze'])
    return {}
  })
  app.post('/auth/logout', () => {
    session.person = null
    return {}
  })
  app.post('/auth/token', () => {
    session.person = { name: 'ana@example.org', groups: ['tech-ops'], scope: 'operator', via: 'token' }
    return {}
  })
  await addPage(app, { folder: pageFolder(), otherwise: answerUnknownRoute })
  return { app, session, tell }
}

const unknown = {
  status: 404,
  code: 'UPGRADE_UNKNOWN',
  detail: 'There is none of that name.',
  next: 'History has all.',
}

function goOn(row: UpgradeRow): void {
  const ledger = services.find(({ upgrade }) => upgrade === row)
  Object.assign(row, { phase: 'window', waitingFor: 'its window', message: 'approved by ana@example.org' })
  if (ledger) ledger.needsPerson = null
}

if (require.main === module)
  void fakeHub().then(async ({ app }) => {
    process.stdout.write(`${await app.listen({ host: '127.0.0.1', port: Number(process.env.PORT ?? 0) })}\n`)
  })
