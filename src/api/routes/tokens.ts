import { listTokens, revokeToken } from '../../operations/tokens'
import { actorOf } from '../acting'
import { guarded } from '../auth'
import { repeatable } from '../common-schemas'
import { problems } from '../schemas'
import { revokedAnswer, tokenParams, tokensAnswer } from '../token-schemas'
import type { Api, ApiDeps } from '../types'

/** `/api/v1/tokens`: who has which. One is made with the CLI, by whoever reaches the store. */
export function tokenRoutes(app: Api, { store }: ApiDeps): void {
  const { config, security, problems: refusals } = guarded('admin')
  const common = { tags: ['tokens'], security }
  app.get(
    '/api/v1/tokens',
    {
      config,
      schema: {
        ...{ ...common, summary: 'all tokens that ever were, without their secrets' },
        response: { 200: tokensAnswer, ...refusals, ...problems({ 503: 'the store is away' }) },
      },
    },
    () => listTokens({ store }, new Date()),
  )
  app.post(
    '/api/v1/tokens/:id/revoke',
    {
      config: { ...config, repeatable: true },
      schema: {
        ...{ ...common, summary: 'end a token at once', params: tokenParams, headers: repeatable },
        response: {
          200: revokedAnswer,
          ...refusals,
          ...problems({
            400: 'an id that can be none',
            404: 'no live one of this id',
            409: 'the same request is carried out right now',
            503: 'the store is away',
          }),
        },
      },
    },
    (request) => revokeToken({ store }, { id: request.params.id, ...actorOf(request) }),
  )
}
