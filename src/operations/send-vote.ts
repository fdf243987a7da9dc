import { randomUUID } from 'node:crypto'
import { RefitError } from '../domain/errors'
import { upgradeWorkflowId } from '../domain/temporal-names'
import type { UpgradeRow, VoteVerb } from '../store/contracts'
import type { HubTemporal } from './temporal'

/** What of Temporal a vote needs. */
export type VoteTemporal = Pick<HubTemporal, 'namespace' | 'update' | 'signal' | 'workers'>

/** How a message reached its upgrade, and what was said to it. */
export interface Sent {
  /** `update`: the upgrade answered. `signal`: no worker did; it is read when one is back */
  delivered: 'update' | 'signal'
  message: string
}

const answerWithinMs = 10_000

/**
 * Says something to an upgrade and waits for its answer; without a worker it is left as a Signal, which is read once one is
 * back. Every call is an Update of its own, because what was refused before may be taken now: that an answer is counted
 * once is the upgrade's business. APPROVAL_REFUSED with the upgrade's reason, UPGRADE_UNKNOWN when its workflow is gone.
 */
export async function sendVote(
  temporal: VoteTemporal,
  upgrade: UpgradeRow,
  verb: VoteVerb,
  input: object,
): Promise<Sent> {
  const workflowId = upgradeWorkflowId(upgrade.namespace, upgrade.service)
  // A poller is remembered for a while after its worker died, so that the Update still needs its deadline.
  if ((await temporal.workers()) > 0) {
    const updateId = `${verb}-${randomUUID()}`
    const answer = await temporal.update(workflowId, verb, input, { updateId, deadlineMs: answerWithinMs })
    if (answer.kind === 'accepted') return { delivered: 'update', message: answer.message }
    if (answer.kind === 'refused')
      throw new RefitError(
        'APPROVAL_REFUSED',
        `The upgrade did not take the ${verb}: ${answer.message}.`,
        `refit status ${upgrade.namespace}/${upgrade.service} says where it stands.`,
      )
    if (answer.kind === 'not-open') throw orphaned(upgrade)
  }
  if (!(await temporal.signal(workflowId, verb, input))) throw orphaned(upgrade)
  return { delivered: 'signal', message: 'no worker answered; left as a signal, which is read when a worker is back' }
}

const orphaned = ({ id, namespace, service }: UpgradeRow): RefitError =>
  new RefitError(
    'UPGRADE_UNKNOWN',
    `Upgrade ${id} of ${namespace}/${service} has no running workflow any more.`,
    'refit scan finds out what became of it.',
  )
