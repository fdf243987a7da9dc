import { RefitError } from '../../domain/errors'
import { healthAnswer, problems } from '../schemas'
import type { Api, ApiDeps } from '../types'

/** `/livez`: the process turns. `/readyz`: its store can be reached and has this build's tables. */
export function healthRoutes(app: Api, { store }: ApiDeps): void {
  const ok = { status: 'ok' } as const
  app.get(
    '/livez',
    { schema: { summary: 'whether the process turns', tags: ['health'], response: { 200: healthAnswer } } },
    () => ok,
  )
  app.get(
    '/readyz',
    {
      schema: {
        summary: 'whether the store can be reached',
        tags: ['health'],
        response: { 200: healthAnswer, ...problems({ 503: 'the store is away or not prepared' }) },
      },
    },
    async () => {
      const { pending } = await store.check()
      if (pending > 0)
        throw new RefitError(
          'DATABASE_UNAVAILABLE',
          `The store lacks ${pending} of this build's migrations.`,
          'A worker runs them when it starts: refit worker.',
        )
      return ok
    },
  )
}
