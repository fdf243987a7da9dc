import { explainService } from '../../operations/explain'
import { guarded } from '../auth'
import { explainAnswer, explainParams, explainQuery, problems } from '../schemas'
import type { Api, ApiDeps } from '../types'

/**
 * What `refit explain -o json` prints. It tells more of a hub than its registries do, so where others than this machine can
 * ask they need a token.
 */
export function explainRoutes(app: Api, { store, config }: ApiDeps, { isLocal }: { isLocal: boolean }): void {
  const { config: scope, security, problems: refusals } = guarded('viewer')
  const schema = {
    summary: 'why a service is offered what it is offered',
    description: "The last scan's decision, the policy that made it, and every tag with its reason.",
    tags: ['detection'],
    ...(isLocal ? {} : { security }),
    params: explainParams,
    querystring: explainQuery,
    response: {
      200: explainAnswer,
      ...(isLocal ? {} : refusals),
      ...problems({
        400: 'a name that can be none',
        404: 'a service or a tag that no scan knows',
        503: 'the store is away',
      }),
    },
  }
  app.get(
    '/explain/:namespace/:service',
    { schema, ...(isLocal ? {} : { config: scope }) },
    ({ params, query: { tag } }) =>
      explainService({ store, config }, { key: params, now: new Date(), ...(tag === undefined ? {} : { tag }) }),
  )
}
