import { createHash } from 'node:crypto'
import { RefitError } from '../domain/errors'
import { releaseWorkflowId, signalCommand } from '../domain/temporal-names'
import type { ReleaseRow, Store } from '../store/contracts'
import type { HubTemporal } from './temporal'

export type ReleaseVerb = 'approve' | 'reject' | 'abort'

export interface ReleaseVoteRequest {
  name: string
  by: string
  /** absent means the plan that waits */
  planHash?: string | undefined
  reason?: string | undefined
}

export interface ReleaseVoteResult {
  release: string
  releaseId: string
  planHash: string | null
  by: string
  delivered: 'update' | 'signal'
  message: string
  workflowId: string
  /** the same with Temporal's own CLI */
  equivalent: string
}

const answerWithinMs = 10_000

/** Says yes or no to a whole release, or stops it. APPROVAL_REFUSED with the reason when it isn't taken. */
export async function voteRelease(
  { store, temporal }: { store: Pick<Store, 'releases'>; temporal: HubTemporal },
  verb: ReleaseVerb,
  { name, by, planHash, reason }: ReleaseVoteRequest,
): Promise<ReleaseVoteResult> {
  const release = await openReleaseOf(store, name)
  if (planHash !== undefined && !planHash.startsWith(release.hash ?? planHash))
    throw new RefitError(
      'PLAN_CHANGED',
      `The plan of release ${name} is ${release.hash} now, not ${planHash}.`,
      `Read it again: refit release status ${name}.`,
    )
  const named = planHash ?? release.hash ?? undefined
  const input = { by, ...(verb === 'abort' ? {} : { planHash: named }), ...(reason ? { reason } : {}) }
  const workflowId = releaseWorkflowId(name)
  return {
    ...{ release: name, releaseId: release.id, planHash: release.hash, by, workflowId },
    ...(await send(temporal, { workflowId, verb, input, release })),
    equivalent: signalCommand({ temporalNamespace: temporal.namespace, workflowId, name: verb, input }),
  }
}

/** The open release of this name. RELEASE_UNKNOWN when there is none. */
export async function openReleaseOf({ releases }: Pick<Store, 'releases'>, name: string): Promise<ReleaseRow> {
  const open = (await releases.listOpen()).find((row) => row.name === name)
  if (open) return open
  throw new RefitError('RELEASE_UNKNOWN', `No release ${name} is open.`, 'refit release status says what became of it.')
}

/** The same person's same answer to the same attempt is one message, however often it is sent. */
const updateIdOf = (verb: ReleaseVerb, id: string, input: object): string =>
  `${verb}-${createHash('sha256')
    .update(JSON.stringify([id, input]))
    .digest('hex')
    .slice(0, 16)}`

async function send(
  temporal: HubTemporal,
  { workflowId, verb, input, release }: { workflowId: string; verb: ReleaseVerb; input: object; release: ReleaseRow },
): Promise<Pick<ReleaseVoteResult, 'delivered' | 'message'>> {
  const gone = (): RefitError =>
    new RefitError(
      'RELEASE_UNKNOWN',
      `Release ${release.id} has no running workflow any more.`,
      `refit release start with the same release lets it go on.`,
    )
  if ((await temporal.workers()) > 0) {
    const answer = await temporal.update(workflowId, verb, input, {
      updateId: updateIdOf(verb, release.id, input),
      deadlineMs: answerWithinMs,
    })
    if (answer.kind === 'accepted') return { delivered: 'update', message: answer.message }
    if (answer.kind === 'refused')
      throw new RefitError(
        'APPROVAL_REFUSED',
        `The release did not take the ${verb}: ${answer.message}.`,
        `refit release status ${release.name} says where it stands.`,
      )
    if (answer.kind === 'not-open') throw gone()
  }
  if (!(await temporal.signal(workflowId, verb, input))) throw gone()
  return { delivered: 'signal', message: 'no worker answered; left as a signal, which is read when a worker is back' }
}
