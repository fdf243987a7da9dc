import { requestedVoteId } from '../../operations/keep-vote'
import { castVote, type VoteRequest } from '../../operations/vote'
import { scopeOf } from '../../operations/vote-rules'
import { personOf, verifiedOf } from '../acting'
import { guarded } from '../auth'
import { serviceParams } from '../common-schemas'
import { assertSeen } from '../etag'
import { problems } from '../schemas'
import type { Api, ApiDeps } from '../types'
import { voteAnswer, voteBodies, voteHeaders } from '../vote-schemas'

type Verb = keyof typeof voteBodies

const summaries: Readonly<Record<Verb, string>> = {
  request: 'ask for the waiting plan, so that somebody else may approve it',
  approve: 'say yes to one plan',
  reject: 'say no to the waiting plan; its digest is not offered again',
  withdraw: "take one's own approval or request back",
  snooze: 'keep the question quiet for a while',
  pause: 'stop at the next safe point, until it is resumed',
  resume: 'let it go on',
  abort: 'stop, and put back what was done',
}

/** `POST /api/v1/services/NAMESPACE/SERVICE/VERB`: what a person with a token says to the open upgrade. */
export function voteRoutes(app: Api, { store, hubTemporal }: ApiDeps): void {
  for (const verb of Object.keys(voteBodies) as Verb[]) {
    const { config, security, problems: refusals } = guarded(scopeOf(verb))
    app.post(
      `/api/v1/services/:namespace/:service/${verb}`,
      {
        config,
        schema: {
          ...{ summary: summaries[verb], tags: ['votes'], security },
          ...{ params: serviceParams, headers: voteHeaders, body: voteBodies[verb] },
          response: {
            200: voteAnswer.describe('the upgrade took it'),
            202: voteAnswer.describe('no worker answered: it is read when one is back'),
            ...refusals,
            ...problems({
              400: 'the body lacks something, or the Idempotency-Key was used for another vote',
              404: 'nothing is under way',
              409: 'the upgrade refused it, or another plan waits',
              412: 'it has changed since the state that If-Match names',
              503: 'the store or Temporal is away',
            }),
          },
        },
      },
      async (request, reply) => {
        const { params, body, headers } = request
        const { 'if-match': ifMatch, 'idempotency-key': requestId } = headers
        // The vote itself has changed what the header of its repetition names.
        const isRepeated = async (): Promise<boolean> =>
          requestId !== undefined &&
          (await store.votes.read(requestedVoteId(personOf(request).name, requestId))) !== undefined
        if (ifMatch !== undefined && !(await isRepeated())) assertSeen(ifMatch, await store.upgrades.latest(params))
        const by = { by: personOf(request).name, verified: verifiedOf(request) }
        const asked = requestOf(params, body ?? {}, by, requestId)
        const result = await castVote({ store, temporal: await hubTemporal() }, verb, asked)
        return reply.code(result.delivered === 'update' ? 200 : 202).send(result)
      },
    )
  }
}

/** Bodies differ by verb; whatever else one holds, such as a name, was left out by its schema. */
function requestOf(
  key: VoteRequest['key'],
  { until, ...said }: Omit<Partial<VoteRequest>, 'until'> & { until?: string },
  by: Pick<VoteRequest, 'by' | 'verified'>,
  requestId: string | undefined,
): VoteRequest {
  return {
    ...said,
    ...{ key, ...by, requestId },
    ...(until === undefined ? {} : { until: new Date(until) }),
  }
}
