import { unverifiedCounts } from './approval-rules'
import type { ApprovalStatus } from './status'
import { instant } from './text'
import { expiresAt, type UpgradeRules, type Votes, wantsRequest } from './votes'

/** What people have said so far, for whoever asks. `askedAt` (epoch milliseconds): when the question was put, if it was. */
export function approvalStatus(votes: Votes, rules: UpgradeRules, askedAt: number | undefined): ApprovalStatus {
  const { approvals, requested, changeReference, snooze, paused, emergency } = votes
  const { required, groups, expiresMs } = rules.approval
  return {
    required,
    approvals: approvals.map(({ by, verified, reason }) => ({ by, verified, reason })),
    groups,
    verifiedOnly: required > 0 && !unverifiedCounts(rules.approval),
    wantsRequest: wantsRequest(votes, rules),
    ...(requested ? { requestedBy: requested.by } : {}),
    ...(changeReference === undefined ? {} : { changeReference }),
    ...(askedAt !== undefined && votes.status === 'waiting'
      ? { expiresAt: instant(expiresAt(votes, { askedAt, expiresMs })) }
      : {}),
    ...(snooze ? { snoozed: { by: snooze.by, until: instant(snooze.until) } } : {}),
    ...(paused ? { paused: { by: paused.by, reason: paused.reason } } : {}),
    ...(emergency ? { emergency } : {}),
  }
}

const firstRequest = 'a request'

/** Whether these words of `waitsForWords` ask for a request before any approval: a row of the store has no more than them. */
export const waitsForRequest = (words: string): boolean => words.startsWith(firstRequest)

/** For what a plan waits that people are asked about, without names: it is a search attribute, too. */
export function waitsForWords(planHash: string, votes: Votes, rules: UpgradeRules): string {
  const { required } = rules.approval
  const what = wantsRequest(votes, rules) ? `${firstRequest}, then an approval` : 'an approval'
  const tally = required > 1 ? ` (${votes.approvals.length} of ${required})` : ''
  const snoozed = votes.snooze ? `, snoozed until ${instant(votes.snooze.until)}` : ''
  return `${what} of plan ${planHash}${tally}${snoozed}${votes.paused ? ', paused' : ''}`
}
