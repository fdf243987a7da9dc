import { promotionsOf } from '../../operations/promotions'
import { guarded } from '../auth'
import { promotionAnswer, promotionQuery } from '../promotion-schemas'
import { problems } from '../schemas'
import type { Api, ApiDeps } from '../types'

/** What other hubs ask before they upgrade to a digest that runs here (`promote` in their refit.yaml). */
export function promotionRoutes(app: Api, { store, config }: ApiDeps): void {
  const { config: scope, security, problems: refusals } = guarded('viewer')
  const schema = {
    summary: 'the upgrades to a digest that succeeded on this hub',
    description: 'Asked by the Refits of hubs that upgrade only to what has run here.',
    tags: ['promotion'],
    security,
    querystring: promotionQuery,
    response: { 200: promotionAnswer, ...refusals, ...problems({ 503: 'the store is away' }) },
  }
  app.get('/api/v1/promotions', { config: scope, schema }, ({ query }) => promotionsOf({ store, config }, query))
}
