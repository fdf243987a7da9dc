import { acceptList } from '../../operations/accept'
import { lookUp } from '../../operations/lookup'
import { resolve } from '../../operations/resolve'
import { resumeUpgrade } from '../../operations/resume'
import { rollback } from '../../operations/rollback'
import { liftMark, markSecurity } from '../../operations/security'
import type { FastifyRequest } from 'fastify'
import { actorOf } from '../acting'
import { guarded } from '../auth'
import { repeatable, serviceParams } from '../common-schemas'
import { repairAnswers, repairBodies } from '../repair-schemas'
import { problems } from '../schemas'
import type { Api, ApiDeps } from '../types'

const refused = {
  400: 'the body lacks something, or the Idempotency-Key was used for something else',
  404: 'a service that nobody knows, or nothing of it to do this to',
  409: 'it was refused with the reason, or the same request is carried out right now',
  503: 'the store, Temporal or the cluster is away, or this server has no rights in the cluster',
}
const withRegistry = { ...refused, 502: 'the cluster or the registry refused, or its answer is not believed' }

/** What operators do to a service beside votes. */
export function repairRoutes(app: Api, deps: ApiDeps): void {
  const { store, config, hubTemporal, cluster, environment } = deps
  const { config: scope, security, problems: refusals } = guarded('operator')
  const options = { ...scope, repeatable: true }
  const common = { tags: ['repairs'], security, params: serviceParams, headers: repeatable }
  const path = (verb: keyof typeof repairBodies) => `/api/v1/services/:namespace/:service/${verb}` as const
  const keyOf = ({ params }: { params: { namespace: string; service: string } }) =>
    lookUp(store, `${params.namespace}/${params.service}`)

  app.post(
    path('rollback'),
    {
      config: options,
      schema: {
        ...{ ...common, summary: 'take the last succeeded upgrade back', body: repairBodies.rollback },
        response: { 200: repairAnswers.rollback, ...refusals, ...problems(withRegistry) },
      },
    },
    async (request) => {
      const key = await keyOf(request)
      const { kubernetes, registry } = await cluster()
      const parts = { config, store, kubernetes, registry, environment, temporal: await hubTemporal() }
      return rollback(parts, { key, ...request.body, ...actorOf(request) })
    },
  )
  const goOn = async (request: Asked, { back, reason = '' }: { back: boolean; reason?: string | undefined }) => {
    const key = await keyOf(request)
    return resumeUpgrade({ store, temporal: await hubTemporal() }, { key, rollback: back, reason, ...actorOf(request) })
  }
  app.post(
    path('go-on'),
    {
      config: options,
      schema: {
        ...{
          ...common,
          summary: 'have a held or orphaned upgrade go on in a new workflow',
          body: repairBodies['go-on'],
        },
        response: { 200: repairAnswers.resumed, ...refusals, ...problems(refused) },
      },
    },
    (request) => goOn(request, { back: false, reason: request.body?.reason }),
  )
  app.post(
    path('put-back'),
    {
      config: options,
      schema: {
        ...{ ...common, summary: 'have a held or orphaned upgrade put back', body: repairBodies['put-back'] },
        response: { 200: repairAnswers.resumed, ...refusals, ...problems(refused) },
      },
    },
    (request) => goOn(request, { back: true, reason: request.body.reason }),
  )
  app.post(
    path('resolve'),
    {
      config: options,
      schema: {
        ...{ ...common, summary: 'record a repair once the cluster matches', body: repairBodies.resolve },
        response: { 200: repairAnswers.resolve, ...refusals, ...problems(withRegistry) },
      },
    },
    async (request) => {
      const key = await keyOf(request)
      const { kubernetes } = await cluster()
      return resolve({ store, kubernetes, config }, { key, ...actorOf(request), ...request.body })
    },
  )
  app.post(
    path('accept'),
    {
      config: options,
      schema: {
        ...{ ...common, summary: 'trust a suspicious tag list once, as it is', body: repairBodies.accept },
        response: { 200: repairAnswers.accept, ...refusals, ...problems(refused) },
      },
    },
    async (request) => {
      const { reason, list } = request.body
      const key = await keyOf(request)
      return acceptList({ store }, { key, ...actorOf(request), reason, ...(list === undefined ? {} : { list }) })
    },
  )
  app.post(
    path('security/mark'),
    {
      config: options,
      schema: {
        ...{ ...common, summary: 'say that a version mends a vulnerability', body: repairBodies['security/mark'] },
        response: { 200: repairAnswers.mark, ...refusals, ...problems(refused) },
      },
    },
    async (request) => markSecurity({ store }, { ...(await keyOf(request)), ...request.body, ...actorOf(request) }),
  )
  app.post(
    path('security/lift'),
    {
      config: options,
      schema: {
        ...{ ...common, summary: 'take such a mark back', body: repairBodies['security/lift'] },
        response: { 200: repairAnswers.lift, ...refusals, ...problems(refused) },
      },
    },
    async (request) =>
      liftMark({ store }, { key: await keyOf(request), version: request.body.version, ...actorOf(request) }),
  )
}

type Asked = Pick<FastifyRequest, 'person'> & { params: { namespace: string; service: string } }
