import { releaseGraph, releasePage } from '../../operations/releases'
import { voteRelease } from '../../operations/release-vote'
import { actorOf, verifiedOf } from '../acting'
import { guarded } from '../auth'
import { repeatable } from '../common-schemas'
import {
  releaseAnswer,
  releaseBodies,
  releaseParams,
  releasesAnswer,
  releasesQuery,
  releaseVoteAnswer,
} from '../release-schemas'
import { problems } from '../schemas'
import type { Api, ApiDeps } from '../types'

type Verb = keyof typeof releaseBodies

const summaries: Readonly<Record<Verb, string>> = {
  approve: 'say yes to the whole release',
  reject: 'say no to the whole release',
  abort: 'stop it, and put back what it did',
}

/** `/api/v1/releases`: versions of the hub, and what people say to them. One is started with the CLI, which has its files. */
export function releaseRoutes(app: Api, deps: ApiDeps): void {
  const { store, config, temporalNamespace, hubTemporal } = deps
  const { config: scope, security, problems: refusals } = guarded('viewer')
  const common = { tags: ['releases'], security }
  app.get(
    '/api/v1/releases',
    {
      config: scope,
      schema: {
        ...{ ...common, summary: 'releases, newest first', querystring: releasesQuery },
        response: {
          200: releasesAnswer,
          ...refusals,
          ...problems({ 400: 'a cursor that is none', 503: 'the store is away' }),
        },
      },
    },
    ({ query }) => releasePage({ store }, query),
  )
  app.get(
    '/api/v1/releases/:name',
    {
      config: scope,
      schema: {
        ...{ ...common, summary: 'one release: its services in order, and how far each is', params: releaseParams },
        response: {
          200: releaseAnswer,
          ...refusals,
          ...problems({ 400: 'a name that can be none', 404: 'there was none', 503: 'the store is away' }),
        },
      },
    },
    ({ params: { name } }) => releaseGraph({ store, config }, name, { temporalNamespace }),
  )
  for (const verb of Object.keys(releaseBodies) as Verb[]) {
    const { config: needs, problems: refused } = guarded(verb === 'abort' ? 'operator' : 'approver')
    app.post(
      `/api/v1/releases/:name/${verb}`,
      {
        config: { ...needs, repeatable: true },
        schema: {
          ...{ ...common, summary: summaries[verb], params: releaseParams, headers: repeatable },
          body: releaseBodies[verb],
          response: {
            200: releaseVoteAnswer.describe('the release took it'),
            202: releaseVoteAnswer.describe('no worker answered: it is read when one is back'),
            ...refused,
            ...problems({
              400: 'the body lacks something, or the Idempotency-Key was used for something else',
              404: 'no release of this name is open',
              409: 'it was refused, another plan waits, or the same request is carried out right now',
              503: 'the store or Temporal is away',
            }),
          },
        },
      },
      async (request, reply) => {
        const said = { name: request.params.name, by: actorOf(request).by, verified: verifiedOf(request) }
        const parts = { store, temporal: await hubTemporal() }
        const result = await voteRelease(parts, verb, { ...said, ...request.body })
        return reply.code(result.delivered === 'update' ? 200 : 202).send(result)
      },
    )
  }
}
