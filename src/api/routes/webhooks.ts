import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import { z } from 'zod'
import type { Webhook } from '../../config'
import { RefitError } from '../../domain/errors'
import { hintRepositories } from '../../operations/hint'
import { createHintWindow } from '../../operations/hint-window'
import { knownRepositories } from '../../operations/known-repositories'
import { findWebhook } from '../../operations/webhook-key'
import { problems, webhookAnswer, webhookParams } from '../schemas'
import type { Api, ApiDeps } from '../types'
import { isProven } from '../webhook-proof'
import { pushesOf } from '../webhook-pushes'

declare module 'fastify' {
  interface FastifyRequest {
    /** whose key the path has */
    webhook?: Webhook
  }
}

const hintsPerMinute = 60
const hintWindowMs = 1_000
/** of one request; an envelope may carry many events */
const mostRepositories = 100

const pushSchema = {
  summary: 'a registry says that a tag was pushed',
  description: 'Events of other kinds, and repositories that Refit does not know, are taken and ignored.',
  tags: ['webhooks'],
  params: webhookParams,
  body: z.unknown().describe('what the registry sends'),
  response: {
    202: webhookAnswer,
    ...problems({
      400: 'the body is not JSON',
      403: 'the signature or the Authorization header is wrong',
      404: 'no such kind or key',
      413: 'the body is larger than 1 MiB',
      415: 'the content type is not JSON',
      429: 'too many pushes; Retry-After says when to go on',
      503: 'the store or Temporal is away',
    }),
  },
}

/**
 * A registry says that a tag was pushed. Nothing that it says is believed: names are looked up among the repositories that
 * scans know, and a scan asks the registry itself.
 */
export function webhookRoutes(app: Api, { config, store, temporal }: ApiDeps): void {
  const perKind = new RateLimiterMemory({ points: hintsPerMinute, duration: 60 })
  const hints = createHintWindow((repositories) => hintRepositories({ temporal }, repositories), {
    windowMs: hintWindowMs,
    report: (error) => app.log.warn({ err: error }, 'a hint was not passed on; the next scan sees the push'),
  })
  app.addHook('onClose', () => hints.close())

  // Signatures are over the bytes, so they are kept as they came.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(/^application\/(?:[\w.-]+\+)?json\b/, { parseAs: 'buffer' }, (_request, body, done) =>
    done(null, body),
  )
  app.decorateRequest('webhook', undefined)

  app.post(
    '/webhooks/:kind/:key',
    {
      // Before the body is read: whoever lacks the key can make us do nothing.
      onRequest: async (request, reply) => {
        const { kind, key } = request.params
        request.webhook = findWebhook(config.webhooks, kind, key)
        if (request.webhook) return
        reply.callNotFound()
        return reply
      },
      schema: pushSchema,
    },
    async (request, reply) => {
      const webhook = request.webhook as Webhook
      const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
      if (!isProven(webhook, request.headers, body)) throw refused(webhook.kind)
      const taken = await takePush({ store, hints, perKind }, webhook, parseJson(body))
      request.log.info({ kind: webhook.kind, ...taken }, 'webhook')
      return reply.code(202).send({ recognised: taken.repositories.length })
    },
  )
}

interface PushDeps extends Pick<ApiDeps, 'store'> {
  hints: ReturnType<typeof createHintWindow>
  perKind: RateLimiterMemory
}

/** Hints at the repositories that an event says were pushed to; only what is known here is passed on. */
async function takePush(
  { store, hints, perKind }: PushDeps,
  { kind, host }: Webhook,
  event: unknown,
): Promise<{ pushed: number; repositories: string[] }> {
  const pushed = pushesOf(kind, event).slice(0, mostRepositories)
  const found = new Set<string>()
  if (pushed.length > 0) await takeTurn(perKind, kind)
  for (const name of pushed)
    for (const { repository } of await knownRepositories(store.repositories, name, host)) found.add(repository)
  const repositories = [...found]
  await hints.offer(repositories)
  return { pushed: pushed.length, repositories }
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    throw new RefitError('USAGE', 'The body is not JSON.', 'See docs/operations.md, Webhooks of registries.')
  }
}

const refused = (kind: Webhook['kind']): RefitError =>
  new RefitError(
    'WEBHOOK_REFUSED',
    kind === 'ghcr'
      ? 'The signature in X-Hub-Signature-256 is not that of this body.'
      : 'The Authorization header is not the secret of this webhook.',
    'Give the registry the secret of this webhook in refit.yaml.',
  )

async function takeTurn(limiter: RateLimiterMemory, kind: Webhook['kind']): Promise<void> {
  try {
    await limiter.consume(kind)
  } catch (spent) {
    if (!(spent instanceof RateLimiterRes)) throw spent
    throw new RefitError(
      'RATE_LIMITED',
      `More than ${hintsPerMinute} pushes in a minute came from ${kind}.`,
      'Scans see the pushes without it.',
      { retryAfterMs: spent.msBeforeNext },
    )
  }
}
