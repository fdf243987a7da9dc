import { approvalRulesOf, type Plan } from '../domain/plan'
import { unverifiedCounts } from '../domain/approval-rules'
import type { EventKind } from '../domain/event'
import type { UpgradeEvent, VoteRow } from '../store/contracts'

/** Who said yes, and how that was verified. */
export interface ShownYes {
  by: string
  verified: boolean
  /** `token`, `slack` or `oidc`; null for a name that nobody verified */
  via: string | null
  /** of the person when it was said */
  groups: string[]
  reason: string
  at: Date
}

/** The approval of a plan as the store has it. */
export interface ShownApproval {
  /** how many different people must say yes; 0: nobody is asked */
  required: number
  /** only members of one of these may answer; empty: anybody */
  groups: string[]
  makerChecker: boolean
  /** names that nobody verified count for nothing */
  verifiedOnly: boolean
  changeReference: { required: boolean; pattern: string | null } | null
  /** how long the question stands, ms */
  expiresMs: number
  /** the group that may start outside of windows */
  emergency: string | null
  /** those that the upgrade took and that were not withdrawn, oldest first */
  approvals: ShownYes[]
  requestedBy: string | null
  /** the ticket, where one was named */
  ticket: string | null
  /** everything that people who are known said, oldest first; not all of it was taken */
  votes: Pick<VoteRow, 'verb' | 'by' | 'via' | 'groups' | 'reason' | 'changeReference' | 'planHash' | 'at'>[]
}

/** Who has said what to an upgrade, from its events and its votes. */
export function shownApproval(
  plan: Plan,
  { events, votes }: { events: readonly UpgradeEvent[]; votes: readonly VoteRow[] },
): ShownApproval {
  const rules = approvalRulesOf(plan)
  const approvals = new Map<string, ShownYes>()
  let requestedBy: string | null = null
  for (const event of events) {
    const kind = event.kind as EventKind
    if (event.by === null) continue
    if (kind === 'requested') requestedBy = event.by
    if (kind === 'voted' || kind === 'approved') approvals.set(event.by, yesOf(event, votes))
    if (kind !== 'withdrawn') continue
    approvals.delete(event.by)
    if (requestedBy !== event.by) continue
    requestedBy = null
    // With a request go the approvals that answered it.
    if (rules.makerChecker) approvals.clear()
  }
  return {
    ...{ required: rules.required, groups: rules.groups, makerChecker: rules.makerChecker },
    verifiedOnly: rules.required > 0 && !unverifiedCounts(rules),
    changeReference: rules.changeReference
      ? { required: rules.changeReference.required, pattern: rules.changeReference.pattern ?? null }
      : null,
    ...{ expiresMs: rules.expiresMs, emergency: plan.policy.emergency ?? null },
    ...{ approvals: [...approvals.values()], requestedBy },
    ticket: votes.findLast(({ changeReference }) => changeReference !== '')?.changeReference ?? null,
    votes: votes.map(({ verb, by, via, groups, reason, changeReference, planHash, at }) => ({
      ...{ verb, by, via, groups, reason, changeReference, planHash, at },
    })),
  }
}

function yesOf({ by, verified, at, message }: UpgradeEvent, votes: readonly VoteRow[]): ShownYes {
  const vote = verified ? votes.findLast((each) => each.by === by && each.verb === 'approve') : undefined
  return {
    by: by ?? '',
    verified,
    ...{ via: vote?.via ?? null, groups: vote?.groups ?? [], reason: vote?.reason ?? message, at },
  }
}
