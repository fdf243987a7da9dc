import { RefitError } from '../domain/errors'
import { serviceId } from '../domain/service'
import { signalCommand, upgradeWorkflowId } from '../domain/temporal-names'
import type { ServiceKey, Store, UpgradeRow, VoteRow, VoteVerb } from '../store/contracts'
import { keepVote } from './keep-vote'
import type { Sent } from './deliver'
import { sendVote, type VoteTemporal } from './send-vote'
import { assertMaySay, isAnswer } from './vote-rules'

export interface VoteRequest {
  key: ServiceKey
  /** a claim, unless `verified` */
  by: string
  /** who is behind the name was checked */
  verified?: Pick<VoteRow, 'groups' | 'via'> | undefined
  /** at least the first 12 hex digits of the plan that is meant; absent means the one that waits */
  planHash?: string | undefined
  /** only this upgrade is meant, not a later one of the same plan */
  upgradeId?: string | undefined
  /** the words of a rejection or an abort, the comment of an approval */
  reason?: string | undefined
  /** the ticket of the change */
  changeReference?: string | undefined
  /** start outside of windows */
  now?: boolean | undefined
  /** start in a freeze, too */
  overrideFreeze?: boolean | undefined
  /** of a snooze */
  until?: Date | undefined
  /** what names this request when it is repeated */
  requestId?: string | undefined
}

/** What `refit approve` and its like print with `-o json`. */
export interface VoteResult extends ServiceKey, Sent {
  vote: VoteVerb
  by: string
  /** who is behind the name was checked */
  verified: boolean
  /** of the vote that is kept; null for a name that nobody verified */
  voteId: string | null
  upgradeId: string
  planHash: string
  from: string
  to: string
  workflowId: string
  /** the same with Temporal's own CLI, where that can say it */
  equivalent: string | null
}

export interface VoteDeps {
  store: { upgrades: Pick<Store['upgrades'], 'listOpen'>; plans: Pick<Store['plans'], 'read'>; votes: Store['votes'] }
  temporal: VoteTemporal
}

/**
 * Says something to the open upgrade of a service. What a verified person says is kept in the store, and only its id goes
 * to the upgrade, which believes nothing but the store. APPROVAL_REFUSED with the reason when it isn't taken,
 * PLAN_CHANGED when another plan was meant, UPGRADE_UNKNOWN when nothing is under way.
 */
export async function castVote(
  { store, temporal }: VoteDeps,
  verb: VoteVerb,
  request: VoteRequest,
): Promise<VoteResult> {
  const upgrade = await openUpgradeOf(store, request.key)
  assertMeant(upgrade, request)
  assertMaySay(verb, request, await store.plans.read(upgrade.planHash))
  const { verified, requestId } = request
  const voteId = verified ? await keepVote(store, rowOf(upgrade, verb, request, verified), requestId) : null
  const input = voteId === null ? claimOf(upgrade, verb, request) : knownOf(upgrade, request, voteId)
  const sent = await sendVote(temporal, upgrade, verb, input)
  const workflowId = upgradeWorkflowId(upgrade.namespace, upgrade.service)
  return {
    ...{ namespace: upgrade.namespace, service: upgrade.service, vote: verb },
    ...{ by: request.by, verified: voteId !== null, voteId },
    ...{ upgradeId: upgrade.id, planHash: upgrade.planHash, from: upgrade.fromTag, to: upgrade.toTag },
    ...sent,
    workflowId,
    equivalent:
      voteId === null ? signalCommand({ temporalNamespace: temporal.namespace, workflowId, name: verb, input }) : null,
  }
}

/** The upgrade of a service that hasn't ended. UPGRADE_UNKNOWN when there is none. */
export async function openUpgradeOf(
  store: { upgrades: Pick<Store['upgrades'], 'listOpen'> },
  key: ServiceKey,
): Promise<UpgradeRow> {
  const open = (await store.upgrades.listOpen()).find(
    ({ namespace, service }) => namespace === key.namespace && service === key.service,
  )
  if (open) return open
  throw nothingUnderWay(key)
}

/** Nobody can say anything to it. */
export function nothingUnderWay(key: ServiceKey): RefitError {
  const id = serviceId({ namespace: key.namespace, name: key.service })
  return new RefitError(
    'UPGRADE_UNKNOWN',
    `No upgrade of ${id} is under way.`,
    `refit plan ${id} says whether one would be refused, and why; refit status ${id} what its last scan saw.`,
  )
}

function assertMeant(upgrade: UpgradeRow, { key, planHash, upgradeId }: VoteRequest): void {
  const next = `Read it again: refit approve ${key.namespace}/${key.service}.`
  if (planHash !== undefined && !planHash.startsWith(upgrade.planHash))
    throw new RefitError('PLAN_CHANGED', `The plan is ${upgrade.planHash} now, not ${planHash}.`, next)
  if (upgradeId !== undefined && upgradeId !== upgrade.id)
    throw new RefitError('PLAN_CHANGED', `The upgrade that was meant has ended; ${upgrade.id} is under way now.`, next)
}

const rowOf = (
  upgrade: UpgradeRow,
  verb: VoteVerb,
  { by, planHash, reason, changeReference, now, overrideFreeze, until }: VoteRequest,
  { groups, via }: NonNullable<VoteRequest['verified']>,
): Omit<VoteRow, 'id' | 'at'> => ({
  ...{ namespace: upgrade.namespace, service: upgrade.service, upgradeId: upgrade.id },
  ...{ planHash: planHash ?? upgrade.planHash, verb, by, groups, via },
  ...{ reason: reason ?? '', changeReference: changeReference ?? '', until: until ?? null },
  // Who may start in a freeze does not wait for a window either.
  ...{ now: Boolean(now || overrideFreeze), overrideFreeze: Boolean(overrideFreeze) },
})

/** The name and the plan are for who reads the workflow's history; the upgrade believes the stored vote. */
const knownOf = (upgrade: UpgradeRow, { by, planHash }: VoteRequest, vote: string): object => ({
  vote,
  by,
  planHash: planHash ?? upgrade.planHash,
})

/** What anybody could send with Temporal's own CLI. */
function claimOf(upgrade: UpgradeRow, verb: VoteVerb, request: VoteRequest): object {
  const { by, planHash, reason, changeReference, until } = request
  return {
    by,
    ...(isAnswer(verb) ? { planHash: planHash ?? upgrade.planHash } : {}),
    ...(reason ? { reason } : {}),
    ...(changeReference ? { changeReference } : {}),
    ...(until ? { until: until.toISOString() } : {}),
  }
}
