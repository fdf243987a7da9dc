import { RefitError } from '../domain/errors'
import { releaseWorkflowId, signalCommand } from '../domain/temporal-names'
import type { ReleaseRow, Store, VoteRow } from '../store/contracts'
import { deliver, type Sent } from './deliver'
import { keepVote } from './keep-vote'
import type { HubTemporal } from './temporal'

export type ReleaseVerb = 'approve' | 'reject' | 'abort'

export interface ReleaseVoteRequest {
  name: string
  /** a claim, unless `verified` */
  by: string
  /** who is behind the name was checked */
  verified?: Pick<VoteRow, 'groups' | 'via'> | undefined
  /** absent means the plan that waits */
  planHash?: string | undefined
  reason?: string | undefined
  /** the ticket of the change */
  changeReference?: string | undefined
}

export interface ReleaseVoteResult {
  release: string
  releaseId: string
  planHash: string | null
  by: string
  verified: boolean
  delivered: 'update' | 'signal'
  message: string
  workflowId: string
  /** the same with Temporal's own CLI, where that can say it */
  equivalent: string | null
}

/** Says yes or no to a whole release, or stops it. APPROVAL_REFUSED with the reason when it isn't taken. */
export async function voteRelease(
  { store, temporal }: { store: Pick<Store, 'releases' | 'votes'>; temporal: HubTemporal },
  verb: ReleaseVerb,
  request: ReleaseVoteRequest,
): Promise<ReleaseVoteResult> {
  const { name, by, planHash, verified } = request
  const release = await openReleaseOf(store, name)
  if (planHash !== undefined && !planHash.startsWith(release.hash ?? planHash))
    throw new RefitError(
      'PLAN_CHANGED',
      `The plan of release ${name} is ${release.hash} now, not ${planHash}.`,
      `Read it again: refit release status ${name}.`,
    )
  // A vote that names no plan could be shown for whichever is made later.
  if (verb !== 'abort' && planHash === undefined && release.hash === null)
    throw new RefitError(
      'APPROVAL_REFUSED',
      `Release ${name} has no plan yet that could be answered.`,
      `refit release status ${name} shows it once it is made.`,
    )
  const vote = verified ? await keepVote(store, rowOf(release, verb, request, verified), undefined) : undefined
  const input = inputOf(release, verb, request, vote)
  const workflowId = releaseWorkflowId(name)
  return {
    ...{
      release: name,
      releaseId: release.id,
      planHash: release.hash,
      by,
      verified: verified !== undefined,
      workflowId,
    },
    ...(await send(temporal, { workflowId, verb, input, release })),
    equivalent:
      vote === undefined
        ? signalCommand({ temporalNamespace: temporal.namespace, workflowId, name: verb, input })
        : null,
  }
}

/** A release's vote names no namespace: it is of all of them. */
const rowOf = (
  release: ReleaseRow,
  verb: ReleaseVerb,
  { by, planHash, reason, changeReference }: ReleaseVoteRequest,
  { groups, via }: NonNullable<ReleaseVoteRequest['verified']>,
): Omit<VoteRow, 'id' | 'at'> => ({
  ...{ namespace: '', service: release.name, upgradeId: release.id },
  ...{ planHash: planHash ?? release.hash ?? '', verb, by, groups, via },
  ...{ reason: reason ?? '', changeReference: changeReference ?? '' },
  ...{ until: null, now: false, overrideFreeze: false },
})

/** The name and the plan are for who reads the workflow's history; the release believes the stored vote. */
function inputOf(
  { hash }: ReleaseRow,
  verb: ReleaseVerb,
  { by, planHash = hash ?? undefined, reason, changeReference }: ReleaseVoteRequest,
  vote: string | undefined,
): object {
  if (vote !== undefined) return { vote, by, planHash }
  return {
    by,
    ...(verb === 'abort' ? {} : { planHash }),
    ...(reason ? { reason } : {}),
    ...(changeReference ? { changeReference } : {}),
  }
}

/** The open release of this name. RELEASE_UNKNOWN when there is none. */
export async function openReleaseOf({ releases }: Pick<Store, 'releases'>, name: string): Promise<ReleaseRow> {
  const open = (await releases.listOpen()).find((row) => row.name === name)
  if (open) return open
  throw new RefitError('RELEASE_UNKNOWN', `No release ${name} is open.`, 'refit release status says what became of it.')
}

const send = (
  temporal: HubTemporal,
  { workflowId, verb, input, release }: { workflowId: string; verb: ReleaseVerb; input: object; release: ReleaseRow },
): Promise<Sent> =>
  deliver(temporal, {
    ...{ workflowId, verb, input, to: 'The release' },
    next: `refit release status ${release.name} says where it stands.`,
    gone: () =>
      new RefitError(
        'RELEASE_UNKNOWN',
        `Release ${release.id} has no running workflow any more.`,
        `refit release start with the same release lets it go on.`,
      ),
  })
