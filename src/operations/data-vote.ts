import { contractRules } from '../domain/data-plan'
import { unverifiedCounts } from '../domain/approval-rules'
import { RefitError } from '../domain/errors'
import { serviceId } from '../domain/service'
import { dataWorkflowId, signalCommand } from '../domain/temporal-names'
import type { DataRow, ServiceKey, Store, VoteRow } from '../store/contracts'
import { noneYet } from './data'
import { deliver, type Sent } from './deliver'
import { keepVote } from './keep-vote'
import type { HubTemporal } from './temporal'
import { isAnswer } from './vote-rules'

export type DataVerb = 'approve' | 'reject' | 'withdraw' | 'pause' | 'resume' | 'abort'

export interface DataVoteRequest {
  key: ServiceKey
  /** a claim, unless `verified` */
  by: string
  /** who is behind the name was checked */
  verified?: Pick<VoteRow, 'groups' | 'via'> | undefined
  /** at least the first 12 hex digits of the plan that is meant */
  planHash?: string | undefined
  reason?: string | undefined
}

/** What `refit data approve -o json` and its like print. */
export interface DataVoteResult extends ServiceKey {
  vote: DataVerb
  dataId: string
  upgradeId: string
  planHash: string
  to: string
  by: string
  verified: boolean
  delivered: 'update' | 'signal'
  message: string
  workflowId: string
  /** the same with Temporal's own CLI, where that can say it */
  equivalent: string | null
}

/**
 * Says something to the data workflow of a service. APPROVAL_REFUSED with the reason when it isn't taken, PLAN_CHANGED when
 * another plan was meant, UPGRADE_UNKNOWN when none runs.
 */
export async function voteData(
  { store, temporal }: { store: Pick<Store, 'data' | 'plans' | 'votes'>; temporal: HubTemporal },
  verb: DataVerb,
  request: DataVoteRequest,
): Promise<DataVoteResult> {
  const { key, by, verified, planHash } = request
  const run = await openRunOf(store, key)
  if (planHash !== undefined && !planHash.startsWith(run.planHash))
    throw new RefitError(
      'PLAN_CHANGED',
      `The plan is ${run.planHash} now, not ${planHash}.`,
      `Read it again: refit data status ${key.namespace}/${key.service}.`,
    )
  await assertCounts(store, run, verb, verified !== undefined)
  const vote = verified ? await keepVote(store, rowOf(run, verb, request, verified), undefined) : undefined
  const input = inputOf(run, verb, request, vote)
  const workflowId = dataWorkflowId(run.namespace, run.service)
  const { id: dataId, namespace, service, upgradeId, toTag: to } = run
  return {
    ...{ namespace, service, vote: verb, dataId, upgradeId, planHash: run.planHash, to },
    ...{ by, verified: verified !== undefined, workflowId },
    ...(await send(temporal, { workflowId, verb, input, run })),
    equivalent:
      vote === undefined
        ? signalCommand({ temporalNamespace: temporal.namespace, workflowId, name: verb, input })
        : null,
  }
}

/** Refuses what the workflow would refuse anyway, before anything is sent, and says what to do instead. */
async function assertCounts(
  { plans }: Pick<Store, 'plans'>,
  run: DataRow,
  verb: DataVerb,
  isVerified: boolean,
): Promise<void> {
  if (isVerified || verb === 'pause' || verb === 'abort') return
  const rules = contractRules(await plans.read(run.planHash))
  if (!rules || 'problem' in rules || unverifiedCounts(rules.approval)) return
  throw new RefitError(
    'UNAUTHENTICATED',
    `Only verified names may ${verb} this contract.`,
    'Set REFIT_TOKEN, or name a file with --token-file; refit token create makes a token.',
  )
}

/** The data workflow of a service that hasn't ended. */
async function openRunOf(store: Pick<Store, 'data'>, key: ServiceKey): Promise<DataRow> {
  const run = await store.data.latest(key)
  if (!run) throw noneYet(key)
  if (run.outcome === null) return run
  const id = serviceId({ namespace: key.namespace, name: key.service })
  throw new RefitError(
    'UPGRADE_UNKNOWN',
    `The data workflow of ${id} has ended (${run.outcome}).`,
    run.outcome === 'succeeded' ? 'Nothing to do.' : `refit data start ${id} starts it anew.`,
  )
}

const rowOf = (
  run: DataRow,
  verb: DataVerb,
  { by, planHash, reason }: DataVoteRequest,
  { groups, via }: NonNullable<DataVoteRequest['verified']>,
): Omit<VoteRow, 'id' | 'at'> => ({
  // Of the run, not of its upgrade: a yes to the upgrade must never count as one to its contract.
  ...{ namespace: run.namespace, service: run.service, upgradeId: run.id },
  ...{ planHash: planHash ?? run.planHash, verb, by, groups, via },
  ...{ reason: reason ?? '', changeReference: '', until: null, now: false, overrideFreeze: false },
})

function inputOf(
  run: DataRow,
  verb: DataVerb,
  { by, planHash = run.planHash, reason }: DataVoteRequest,
  vote: string | undefined,
): object {
  if (vote !== undefined) return { vote, by, planHash }
  return { by, ...(isAnswer(verb) ? { planHash } : {}), ...(reason ? { reason } : {}) }
}

const send = (
  temporal: HubTemporal,
  { workflowId, verb, input, run }: { workflowId: string; verb: DataVerb; input: object; run: DataRow },
): Promise<Sent> => {
  const id = `${run.namespace}/${run.service}`
  return deliver(temporal, {
    ...{ workflowId, verb, input, to: 'The data workflow' },
    next: `refit data status ${id} says where it stands.`,
    gone: () =>
      new RefitError(
        'UPGRADE_UNKNOWN',
        `The data workflow ${run.id} does not run any more.`,
        `refit data start ${id} starts it anew.`,
      ),
  })
}
