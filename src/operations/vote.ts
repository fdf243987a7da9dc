import { createHash } from 'node:crypto'
import { RefitError } from '../domain/errors'
import { serviceId } from '../domain/service'
import { signalCommand, upgradeWorkflowId } from '../domain/temporal-names'
import type { ServiceKey, Store, UpgradeRow } from '../store/contracts'
import type { HubTemporal, Vote } from './temporal'

export interface VoteRequest {
  key: ServiceKey
  /** a claim: nothing verifies it yet */
  by: string
  /** at least the first 12 hex digits of the plan that is meant; absent means the one that waits */
  planHash?: string
  /** the words of a rejection or an abort, the comment of an approval */
  reason?: string
}

/** What `refit approve`, `reject` and `abort` print with `-o json`. */
export interface VoteResult extends ServiceKey {
  vote: Vote
  by: string
  upgradeId: string
  planHash: string
  from: string
  to: string
  /** `update`: the upgrade answered. `signal`: no worker did; it is read when one is back */
  delivered: 'update' | 'signal'
  message: string
  workflowId: string
  /** the same with Temporal's own CLI */
  equivalent: string
}

type Deps = { store: Pick<Store, 'upgrades'>; temporal: HubTemporal }

const answerWithinMs = 10_000

/** Says yes to one plan. APPROVAL_REFUSED with the reason when the upgrade doesn't take it. */
export const approve = (deps: Deps, request: VoteRequest): Promise<VoteResult> => cast(deps, 'approve', request)

/** Says no to the waiting plan; its digest isn't offered again. */
export const reject = (deps: Deps, request: VoteRequest): Promise<VoteResult> => cast(deps, 'reject', request)

/** Stops an upgrade in any phase; what it did is put back. */
export const abort = (deps: Deps, request: VoteRequest): Promise<VoteResult> => cast(deps, 'abort', request)

/** The upgrade of a service that hasn't ended. UPGRADE_UNKNOWN when there is none. */
export async function openUpgradeOf(store: Pick<Store, 'upgrades'>, key: ServiceKey): Promise<UpgradeRow> {
  const open = (await store.upgrades.listOpen()).find(
    ({ namespace, service }) => namespace === key.namespace && service === key.service,
  )
  if (open) return open
  const id = serviceId({ namespace: key.namespace, name: key.service })
  throw new RefitError(
    'UPGRADE_UNKNOWN',
    `No upgrade of ${id} is under way.`,
    `refit status ${id} says why; refit scan looks again.`,
  )
}

/** Without a worker the message is left as a signal, which is read once one is back. */
async function cast(
  { store, temporal }: Deps,
  vote: Vote,
  { key, by, planHash, reason }: VoteRequest,
): Promise<VoteResult> {
  const upgrade = await openUpgradeOf(store, key)
  if (planHash !== undefined && !planHash.startsWith(upgrade.planHash))
    throw new RefitError(
      'PLAN_CHANGED',
      `The plan is ${upgrade.planHash} now, not ${planHash}.`,
      `Read it again: refit approve ${key.namespace}/${key.service}.`,
    )

  const named = planHash ?? upgrade.planHash
  const input = { by, ...(vote === 'abort' ? {} : { planHash: named }), ...(reason ? { reason } : {}) }
  const workflowId = upgradeWorkflowId(key.namespace, key.service)
  const sent = await send(temporal, { workflowId, vote, input, updateId: updateIdOf(vote, by, upgrade), upgrade })
  return {
    ...{
      namespace: key.namespace,
      service: key.service,
      vote,
      by,
      upgradeId: upgrade.id,
      planHash: upgrade.planHash,
      from: upgrade.fromTag,
      to: upgrade.toTag,
    },
    ...sent,
    workflowId,
    equivalent: signalCommand({ temporalNamespace: temporal.namespace, workflowId, name: vote, input }),
  }
}

interface Sending {
  workflowId: string
  vote: Vote
  input: object
  updateId: string
  upgrade: UpgradeRow
}

async function send(
  temporal: HubTemporal,
  { workflowId, vote, input, updateId, upgrade }: Sending,
): Promise<Pick<VoteResult, 'delivered' | 'message'>> {
  // A poller is remembered for a while after its worker died, so that the Update still needs its deadline.
  if ((await temporal.workers()) > 0) {
    const answer = await temporal.update(workflowId, vote, input, { updateId, deadlineMs: answerWithinMs })
    if (answer.kind === 'accepted') return { delivered: 'update', message: answer.message }
    if (answer.kind === 'refused')
      throw new RefitError(
        'APPROVAL_REFUSED',
        `The upgrade did not take the ${vote}: ${answer.message}.`,
        `refit status ${upgrade.namespace}/${upgrade.service} says where it stands.`,
      )
    if (answer.kind === 'not-open') throw orphaned(upgrade)
  }
  if (!(await temporal.signal(workflowId, vote, input))) throw orphaned(upgrade)
  return { delivered: 'signal', message: 'no worker answered; left as a signal, which is read when a worker is back' }
}

const orphaned = ({ id, namespace, service }: UpgradeRow): RefitError =>
  new RefitError(
    'UPGRADE_UNKNOWN',
    `Upgrade ${id} of ${namespace}/${service} has no running workflow any more.`,
    'refit scan finds out what became of it.',
  )

/** The same person's same answer to the same attempt is one message, however often it is sent. */
function updateIdOf(vote: Vote, by: string, { id }: UpgradeRow): string {
  return `${vote}-${createHash('sha256')
    .update(JSON.stringify([by, id]))
    .digest('hex')
    .slice(0, 16)}`
}
