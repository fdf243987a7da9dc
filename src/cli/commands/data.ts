import { RefitError } from '../../domain/errors'
import { dataDetail, type DataDetail, dataRuns, nextOf, startData } from '../../operations/data'
import { standingWords } from '../../operations/data-progress'
import { type DataVerb, voteData } from '../../operations/data-vote'
import { lookUp } from '../../operations/lookup'
import { scopeOf } from '../../operations/vote-rules'
import { instant } from '../../domain/text'
import type { DataRow } from '../../store/contracts'
import { actingAs, type ActorOptions, actorOf } from '../acting'
import type { Command, Context } from '../context'
import { type Cell, safe } from '../render'

interface VoteOptions extends ActorOptions {
  plan?: string
  reason?: string
}

/** From the store; with a service also from the checkpoints in its database. */
export const status: Command<object> = async (context, [name]) => {
  const store = await context.parts.store()
  if (name === undefined) {
    const runs = await context.waitFor('the store', () => dataRuns(store))
    context.print({ runs }, () => listLines(context, runs))
    return
  }
  const key = await context.waitFor('the store', () => lookUp(store, name))
  const detail = await context.waitFor('the store and the database', () =>
    dataDetail({ store, environment: context.env }, key),
  )
  context.print(detail, () => detailLines(context, detail))
}

/** Starts it anew. */
export const start: Command<ActorOptions> = async (context, [name = ''], options) => {
  const person = await actingAs(context, options, 'operator')
  const [store, temporal] = await Promise.all([context.parts.store(), context.parts.temporal()])
  const key = await context.waitFor('the store', () => lookUp(store, name))
  const started = await context.waitFor('Temporal', () => startData({ store, temporal }, key, person))
  context.print(started, () => [
    context.paint('good', safe(`the data workflow of ${started.namespace}/${started.service} ${started.to} started`)),
    `plan ${started.planHash}, upgrade ${started.upgradeId}`,
    `next: ${started.next}`,
  ])
}

const vote =
  (verb: DataVerb): Command<VoteOptions> =>
  async (context, [name = ''], { plan: planHash, reason, ...voter }) => {
    const [store, person] = [await context.parts.store(), await actorOf(context, voter, scopeOf(verb))]
    const key = await context.waitFor('the store', () => lookUp(store, name))
    if (verb === 'approve' && planHash === undefined) {
      const run = await store.data.latest(key)
      throw new RefitError(
        'USAGE',
        'A contract is final, so that its approval must name the plan.',
        `Read it with refit data status ${name}, then: refit data approve ${name} --plan ${run?.planHash ?? 'HASH'}`,
      )
    }
    const temporal = await context.parts.temporal()
    const result = await context.waitFor('the data workflow to answer', () =>
      voteData({ store, temporal }, verb, { key, ...person, planHash, reason }),
    )
    context.equivalent(result.equivalent)
    context.print(result, () => [
      context.paint(
        result.delivered === 'update' ? 'good' : 'warn',
        safe(
          `${verb} of the data of ${result.namespace}/${result.service} ${result.to} by ${result.by}${result.verified ? '' : ' (unverified)'}: ${result.message}`,
        ),
      ),
      `plan ${result.planHash}, upgrade ${result.upgradeId}`,
      `next: refit data status ${result.namespace}/${result.service}`,
    ])
  }

export const approve = vote('approve')
export const reject = vote('reject')
export const withdraw = vote('withdraw')
export const pause = vote('pause')
export const resume = vote('resume')
export const abort = vote('abort')

const stageOf = ({ outcome, phase, waitingFor }: DataRow): string =>
  outcome ?? (waitingFor ? `${phase}, waits for ${waitingFor}` : phase)

function listLines(context: Context, runs: DataRow[]): string[] {
  if (runs.length === 0) return ['no data workflow yet', 'next: nothing']
  const rows = runs.map((run): Cell[] => [
    ...[`${run.namespace}/${run.service}`, run.toTag, stageOf(run), instant(run.startedAt), run.message],
  ])
  const waits = runs.find(({ outcome }) => outcome !== 'succeeded')
  return [
    context.table(['SERVICE', 'TO', 'STAGE', 'SINCE', 'MESSAGE'], rows),
    `next: ${waits ? nextOf(waits) : 'nothing'}`,
  ]
}

function detailLines(context: Context, detail: DataDetail): string[] {
  const { run, from, backfill, contract, progress, events, next } = detail
  const { paint } = context
  const rows = events
    .slice(-eventsShown)
    .map(({ at, phase, kind, by, message }): Cell[] => [instant(at), phase, kind, by ?? '-', message])
  return [
    `${paint('strong', safe(`the data of ${run.namespace}/${run.service} ${from} → ${run.toTag}`))} ${safe(stageOf(run))}`,
    safe(`plan ${run.planHash}, upgrade ${run.upgradeId}: ${run.message}`),
    ...backfill.map((file) => safe(`backfill  ${file}`)),
    ...progress.map((each) => safe(`progress  ${standingWords(each)}`)),
    ...contract.map((file) => safe(`contract  ${file}`)),
    ...(rows.length > 0 ? ['', context.table(['AT', 'PHASE', 'WHAT', 'BY', 'MESSAGE'], rows)] : []),
    `next: ${next}`,
  ]
}

const eventsShown = 12
