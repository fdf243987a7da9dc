import { createHash } from 'node:crypto'
import { RefitError } from '../domain/errors'
import { clean } from '../domain/text'
import type { Store, VoteRow } from '../store/contracts'
import { longestText } from './vote-rules'

type Said = Omit<VoteRow, 'id' | 'at'>

/**
 * Keeps what a verified person says and returns the id under which the upgrade reads it back. The same answer given again
 * is the same vote, so a retry changes nothing; after another answer (approve, withdraw, approve) it is a new one, and so it
 * is when the person's groups changed, because a vote counts with those that stand in it. With a `requestId` that alone says
 * what is the same. USAGE when it was used for something else.
 */
export async function keepVote(
  { votes }: Pick<Store, 'votes'>,
  said: Said,
  requestId: string | undefined,
): Promise<string> {
  const vote = {
    ...said,
    reason: clean(said.reason, longestText),
    changeReference: clean(said.changeReference, longestText),
  }
  if (requestId === undefined) {
    const last = await votes.last(vote.upgradeId, vote.by)
    if (last && isSame(last, vote) && groupsOf(last) === groupsOf(vote)) return last.id
    const id = hashOf('answer', contentOf(vote), groupsOf(vote), last?.id ?? '')
    await votes.cast({ ...vote, id })
    return id
  }
  const id = requestedVoteId(vote.by, requestId)
  await votes.cast({ ...vote, id })
  const kept = await votes.read(id)
  if (!kept || !isSame(kept, vote))
    throw new RefitError('USAGE', 'This Idempotency-Key was used for another vote.', 'Use a new key for each vote.')
  return id
}

/** The id of the vote that this person's request with this key is. */
export const requestedVoteId = (by: string, requestId: string): string => hashOf('request', by, requestId)

const isSame = (a: Said, b: Said): boolean => contentOf(a) === contentOf(b)

const groupsOf = ({ groups }: Said): string => JSON.stringify([...groups].sort())

/** What makes two votes the same request; not the groups, which may have changed before it is repeated. */
const contentOf = (vote: Said): string =>
  JSON.stringify([
    ...[vote.upgradeId, vote.by, vote.verb, vote.planHash, vote.reason, vote.changeReference],
    ...[vote.now, vote.overrideFreeze, vote.until?.getTime() ?? null],
  ])

const hashOf = (...parts: string[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32)
