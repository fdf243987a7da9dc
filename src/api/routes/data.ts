import { dataDetail, dataRuns, startData } from '../../operations/data'
import { voteData } from '../../operations/data-vote'
import { scopeOf } from '../../operations/vote-rules'
import { actorOf, verifiedOf } from '../acting'
import { guarded } from '../auth'
import { repeatable, serviceParams } from '../common-schemas'
import { dataAnswer, dataBodies, dataRunsAnswer, dataVoteAnswer, startedDataAnswer } from '../data-schemas'
import { problems } from '../schemas'
import type { Api, ApiDeps } from '../types'

type Verb = keyof typeof dataBodies

const summaries: Readonly<Record<Verb, string>> = {
  approve: 'say yes to the contract, after which nothing goes back',
  reject: 'say no to the contract',
  withdraw: "take one's own approval back",
  pause: 'stop at the next safe point, until it is resumed',
  resume: 'let it go on',
  abort: 'stop it; what was done stays',
}

/** `/api/v1/data`: the backfill and contract after an upgrade. */
export function dataRoutes(app: Api, { store, environment, hubTemporal }: ApiDeps): void {
  const viewer = guarded('viewer')
  const operator = guarded('operator')
  const said = {
    400: 'the body lacks something, or the Idempotency-Key was used for something else',
    404: 'none runs',
    409: 'it was refused, another plan is meant, or the same request is carried out right now',
    503: 'the store or Temporal is away',
  }
  app.get(
    '/api/v1/data',
    {
      config: viewer.config,
      schema: {
        ...{ summary: 'the newest data workflow of each service', tags: ['data'], security: viewer.security },
        response: { 200: dataRunsAnswer, ...viewer.problems, ...problems({ 503: said[503] }) },
      },
    },
    async () => ({ runs: await dataRuns(store) }),
  )
  app.get(
    '/api/v1/data/:namespace/:service',
    {
      config: viewer.config,
      schema: {
        ...{ summary: 'how far the data of one service is', tags: ['data'], security: viewer.security },
        params: serviceParams,
        response: {
          200: dataAnswer,
          ...viewer.problems,
          ...problems({ 400: 'a name that can be none', 404: 'none has run', 503: said[503] }),
        },
      },
    },
    ({ params }) => dataDetail({ store, environment }, params),
  )
  app.post(
    '/api/v1/data/:namespace/:service/start',
    {
      config: { ...operator.config, repeatable: true },
      schema: {
        ...{ summary: 'start it anew', tags: ['data'], security: operator.security },
        ...{ params: serviceParams, headers: repeatable },
        response: { 202: startedDataAnswer, ...operator.problems, ...problems(said) },
      },
    },
    async (request, reply) => {
      const parts = { store, temporal: await hubTemporal() }
      return reply.code(202).send(await startData(parts, request.params, actorOf(request)))
    },
  )
  for (const verb of Object.keys(dataBodies) as Verb[]) {
    const needs = guarded(scopeOf(verb))
    app.post(
      `/api/v1/data/:namespace/:service/${verb}`,
      {
        config: { ...needs.config, repeatable: true },
        schema: {
          ...{ summary: summaries[verb], tags: ['data'], security: needs.security },
          ...{ params: serviceParams, headers: repeatable, body: dataBodies[verb] },
          response: {
            200: dataVoteAnswer.describe('the workflow took it'),
            202: dataVoteAnswer.describe('no worker answered: it is read when one is back'),
            ...needs.problems,
            ...problems(said),
          },
        },
      },
      async (request, reply) => {
        const parts = { store, temporal: await hubTemporal() }
        const person = { by: actorOf(request).by, verified: verifiedOf(request) }
        const result = await voteData(parts, verb, { key: request.params, ...person, ...request.body })
        return reply.code(result.delivered === 'update' ? 200 : 202).send(result)
      },
    )
  }
}
