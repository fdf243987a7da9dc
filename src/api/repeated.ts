import { createHash } from 'node:crypto'
import { RefitError } from '../domain/errors'
import { personOf } from './acting'
import type { Api, ApiDeps } from './types'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** an `Idempotency-Key` is heeded: the same request is carried out once */
    repeatable?: boolean
  }
  interface FastifyRequest {
    /** the key that this request has taken */
    taken?: { by: string; key: string }
  }
}

/**
 * Routes with `config: { repeatable: true }` carry a request with an Idempotency-Key out once: whoever repeats it within a
 * day gets the first answer. What failed is forgotten, so that it may be tried again. Votes have their own way (keepVote).
 */
export function addRepeated(app: Api, { store }: Pick<ApiDeps, 'store'>): void {
  app.decorateRequest('taken', undefined)
  app.addHook('preHandler', async (request, reply) => {
    const key = request.headers['idempotency-key']
    if (!request.routeOptions.config.repeatable || typeof key !== 'string') return
    const taken = { by: personOf(request).name, key }
    const asked = JSON.stringify([request.method, request.url, request.body ?? null])
    const what = createHash('sha256').update(asked).digest('hex')
    const found = await store.requests.begin({ ...taken, what })
    if (found.kind === 'another')
      throw new RefitError('USAGE', 'This Idempotency-Key was used for another request.', 'Use a new key for each.')
    if (found.kind === 'running')
      throw new RefitError('REQUEST_RUNNING', 'The same request is carried out right now.', 'Ask again in a moment.')
    if (found.kind === 'done')
      return reply.code(found.answer.status).type('application/json; charset=utf-8').send(found.answer.body)
    request.taken = taken
  })
  app.addHook('onSend', async ({ taken, log }, { statusCode: status }, payload) => {
    if (!taken) return payload
    try {
      if (status < 400 && typeof payload === 'string') await store.requests.end(taken, { status, body: payload })
      else await store.requests.forget(taken)
    } catch (error) {
      // It was carried out, and that is what is answered; a repetition waits two minutes and is carried out anew.
      log.warn({ err: error }, 'an answer could not be kept')
    }
    return payload
  })
}
