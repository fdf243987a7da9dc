import { lookUp } from '../../operations/lookup'
import { openPlan } from '../../operations/open-plan'
import { hubStatus, serviceDetail } from '../../operations/status'
import { guarded } from '../auth'
import { serviceParams } from '../common-schemas'
import { etagOf } from '../etag'
import { problems } from '../schemas'
import { meAnswer, serviceAnswer, servicesAnswer } from '../service-schemas'
import type { Api, ApiDeps } from '../types'

/** What `refit status -o json` prints, and whose token it is. */
export function serviceRoutes(app: Api, { store, config }: ApiDeps): void {
  const { config: scope, security, problems: refusals } = guarded('viewer')
  const common = { tags: ['services'], security }
  app.get(
    '/api/v1/me',
    {
      config: scope,
      schema: { ...common, summary: 'whose token this is', response: { 200: meAnswer, ...refusals } },
    },
    ({ person }) => person as NonNullable<typeof person>,
  )
  app.get(
    '/api/v1/services',
    {
      config: scope,
      schema: {
        ...common,
        summary: 'where every service stands',
        response: { 200: servicesAnswer, ...refusals, ...problems({ 503: 'the store is away' }) },
      },
    },
    () => hubStatus({ store, config }, new Date()),
  )
  app.get(
    '/api/v1/services/:namespace/:service',
    {
      config: scope,
      schema: {
        ...common,
        summary: 'where one service stands, and the plan that waits',
        params: serviceParams,
        response: {
          200: serviceAnswer,
          ...refusals,
          ...problems({
            400: 'a name that can be none',
            404: 'a service that nobody knows',
            503: 'the store is away',
          }),
        },
      },
    },
    async ({ params: { namespace, service } }, reply) => {
      const key = await lookUp(store, `${namespace}/${service}`)
      const detail = await serviceDetail({ store, config }, key, new Date())
      void reply.header('etag', etagOf(detail.latest))
      return { ...detail, plan: await openPlan(store, key) }
    },
  )
}
