import { explainService } from '../../operations/explain'
import { explainAnswer, explainParams, explainQuery, problems } from '../schemas'
import type { Api, ApiDeps } from '../types'

/** What `refit explain -o json` prints. It tells more of a hub than its registries do, so strangers must not reach it. */
export function explainRoutes(app: Api, { store, config }: ApiDeps): void {
  const schema = {
    summary: 'why a service is offered what it is offered',
    description: "The last scan's decision, the policy that made it, and every tag with its reason.",
    tags: ['detection'],
    params: explainParams,
    querystring: explainQuery,
    response: {
      200: explainAnswer,
      ...problems({ 404: 'a service or a tag that no scan knows', 503: 'the store is away' }),
    },
  }
  app.get('/explain/:namespace/:service', { schema }, ({ params, query: { tag } }) =>
    explainService({ store, config }, { key: params, now: new Date(), ...(tag === undefined ? {} : { tag }) }),
  )
}
