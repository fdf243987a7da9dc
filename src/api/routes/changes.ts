import type { OutgoingHttpHeaders } from 'node:http'
import { z } from 'zod'
import { changeTopics } from '../../domain/change-topic'
import { RefitError } from '../../domain/errors'
import { personOf } from '../acting'
import { guarded } from '../auth'
import { changeStreams, type Stream } from '../change-streams'
import { problems } from '../schemas'
import type { Api, ApiDeps } from '../types'

const pingEveryMs = 15_000
/** A client that doesn't read is let go, and comes back when it can. */
const mostUnread = 262_144

const description = `Events: \`changed\` with { topics, upgradeId?, namespace?, service? }, topics being some of ${changeTopics.join(', ')}; \`resync\` when some may have been missed. A comment every 15 seconds. Last-Event-ID goes on where a stream was lost.`

/** `GET /api/v1/changes`: server-sent events that say what to ask for again. They name things and tell nothing of them. */
export function changeRoutes(app: Api, { changes, changesPingMs = pingEveryMs }: ApiDeps): void {
  const streams = changeStreams(changes)
  app.addHook('preClose', () => streams.close())
  const { config, security, problems: refusals } = guarded('viewer')
  app.get(
    '/api/v1/changes',
    {
      config,
      // It would never end.
      exposeHeadRoute: false,
      schema: {
        ...{ summary: 'what changes, as it happens (server-sent events)', description, tags: ['changes'], security },
        headers: z.object({ 'last-event-id': z.string().max(100).optional() }),
        response: {
          200: {
            description: 'a stream that stays open',
            content: { 'text/event-stream': { schema: z.string() } },
          },
          ...refusals,
          ...problems({
            429: 'too many wrong tokens from this address, or too many open streams',
            503: 'the store is away',
          }),
        },
      },
    },
    (request, reply) => {
      const { raw } = reply
      const stream: Stream = {
        person: personOf(request).name,
        write(text) {
          if (raw.destroyed || raw.writableEnded) return
          if (raw.writableLength > mostUnread) raw.destroy()
          else raw.write(text)
        },
        end: () => raw.end(),
      }
      let head = ''
      const begun: Stream = { ...stream, write: (text) => void (head += text) }
      // What is refused is answered as a problem, so that it must be known before the first byte.
      streams.add(begun, request.headers['last-event-id'])
      reply.hijack()
      raw.writeHead(200, {
        ...(reply.getHeaders() as OutgoingHttpHeaders),
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
        // Whoever closes the server must not wait for what was a stream.
        connection: 'close',
      })
      raw.write(`retry: 2000\n\n${head}`)
      begun.write = (text) => stream.write(text)
      const ping = setInterval(() => void stay(), changesPingMs)
      raw.on('close', () => {
        clearInterval(ping)
        streams.remove(begun)
      })

      /** A login that has ended, or can't be told from one, hears nothing more; what is away ends none. */
      async function stay(): Promise<void> {
        try {
          await request.stillMay?.()
        } catch (error) {
          const isAway =
            !(error instanceof RefitError) || error.code === 'DATABASE_UNAVAILABLE' || error.code === 'OIDC_UNAVAILABLE'
          if (!isAway) return stream.end()
        }
        stream.write(': still here\n\n')
      }
    },
  )
}
