import { randomUUID } from 'node:crypto'
import { RefitError } from '../domain/errors'
import type { VoteVerb } from '../store/contracts'
import type { HubTemporal } from './temporal'

/** How a message reached its workflow, and what was said to it. */
export interface Sent {
  /** `update`: the workflow answered. `signal`: no worker did; it is read when one is back */
  delivered: 'update' | 'signal'
  message: string
}

interface Message {
  workflowId: string
  verb: VoteVerb
  input: object
  /** who was spoken to, as a sentence begins: `The upgrade` */
  to: string
  /** the command that says where it stands */
  next: string
  /** it has no running workflow any more */
  gone: () => RefitError
}

const answerWithinMs = 10_000

/**
 * Says something to a workflow and waits for its answer; without a worker it is left as a Signal, which is read once one is
 * back. Every call is an Update of its own, because what was refused before may be taken now: that an answer is counted
 * once is the workflow's business. APPROVAL_REFUSED with the workflow's reason; `gone` when it does not run.
 */
export async function deliver(
  temporal: Pick<HubTemporal, 'update' | 'signal' | 'workers'>,
  { workflowId, verb, input, to, next, gone }: Message,
): Promise<Sent> {
  // A poller is remembered for a while after its worker died, so that the Update still needs its deadline.
  if ((await temporal.workers()) > 0) {
    const updateId = `${verb}-${randomUUID()}`
    const answer = await temporal.update(workflowId, verb, input, { updateId, deadlineMs: answerWithinMs })
    if (answer.kind === 'accepted') return { delivered: 'update', message: answer.message }
    if (answer.kind === 'refused')
      throw new RefitError('APPROVAL_REFUSED', `${to} did not take the ${verb}: ${answer.message}.`, next)
    if (answer.kind === 'not-open') throw gone()
  }
  if (!(await temporal.signal(workflowId, verb, input))) throw gone()
  return { delivered: 'signal', message: 'no worker answered; left as a signal, which is read when a worker is back' }
}
