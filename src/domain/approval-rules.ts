import { RE2JS } from 're2js'
import type { PersonVerb } from './approval-message'
import type { ApprovalRules } from './policy'
import { clean, instant, wordList } from './text'
import { isSame, type Message, type Said, type Speaker, type UpgradeRules, type Votes, wantsRequest } from './votes'

export const maxSnoozeMs = 30 * 86_400_000

/** What names that nobody verified may change in one upgrade before only verified ones do. */
export const maxUnverified = 100

/** Whether a name that nobody verified counts under these rules. */
export const unverifiedCounts = ({ required, unverified, groups, makerChecker }: ApprovalRules): boolean =>
  unverified === 'accept' && required <= 1 && groups.length === 0 && !makerChecker

/**
 * Open to everybody, as Cancel in the Web UI is: whoever sees something go wrong must be able to stop it at once, and
 * stopping writes nothing. Going on does, so resume is not among them.
 */
const openVerbs: ReadonlySet<string> = new Set(['abort', 'pause'])

/** Why a message doesn't count now, in words; undefined when it does. */
export function objectionTo(
  votes: Votes,
  { message, speaker, at }: { message: Message; speaker: Speaker; at: number },
  rules: UpgradeRules,
): string | undefined {
  const late = tooLate(votes, message)
  if (late || message.verb === 'supersede') return late
  return (
    objectionToPlan(votes, message) ??
    objectionToSpeaker(votes, message, speaker, rules) ??
    objectionOf(votes, message, speaker, at, rules)
  )
}

/** What the state of the upgrade alone forbids. */
function tooLate(votes: Votes, message: Message): string | undefined {
  if (votes.closed) return `the upgrade has ended (${votes.closed})`
  if (votes.abort) return `already aborted by ${votes.abort.by}`
  const { verb } = message
  if (verb === 'abort') return undefined
  if (votes.status === 'superseded') return 'already superseded'
  if (verb === 'pause' || verb === 'resume') return undefined
  // A data workflow that somebody said no to still backfills.
  if (votes.status === 'rejected') return 'already rejected'
  // Also one that stands still half way, in front of a freeze.
  if (verb === 'approve' && message.now) return undefined
  if (votes.underway) return 'it is already being carried out'
  if (votes.status !== 'approved' || verb === 'withdraw') return undefined
  return `already approved by ${votes.by}${verb === 'reject' ? '; withdraw takes an approval back, abort stops it and rolls back' : ''}`
}

function objectionToPlan({ planHash }: Votes, said: Said): string | undefined {
  if (said.planHash === undefined) return undefined
  if (planHash === undefined) return 'the plan is not made yet; read it first'
  return samePlan(planHash, said.planHash)
    ? undefined
    : `the plan is ${planHash}, not ${clean(said.planHash, 64)}; read it again`
}

/** A plan is named by at least 12 hex digits; whichever is longer must begin with the other. */
export const samePlan = (ours: string, named: string): boolean =>
  named.length >= leastDigits && (named.startsWith(ours) || ours.startsWith(named))
const leastDigits = 12

function objectionToSpeaker(votes: Votes, said: Said, speaker: Speaker, rules: UpgradeRules): string | undefined {
  const { verb } = said
  if (!speaker.verified && verb === 'approve' && said.now) return emergencyOnly(rules)
  if (!speaker.verified && !openVerbs.has(verb) && !unverifiedCounts(rules.approval))
    return `nobody verified that this is ${speaker.by}, and ${becauseOf(rules.approval)}; ${howVerified(verb)}`
  if (!speaker.verified && verb !== 'abort' && votes.unverified >= maxUnverified)
    return `names that nobody verified have changed this upgrade ${maxUnverified} times; ${howVerified(verb)}`
  const { groups } = rules.approval
  if (groups.length === 0 || (verb !== 'approve' && verb !== 'reject')) return undefined
  // The approval is complete: what is added to it is a matter of the emergency group alone.
  if (verb === 'approve' && said.now && isComplete(votes, rules)) return undefined
  return speaker.groups.some((group) => groups.includes(group))
    ? undefined
    : `only members of ${wordList(groups)} may ${verb}, and ${speaker.by} is none`
}

const howVerified = (verb: PersonVerb): string => `log in with an API token and use refit ${verb}`

function becauseOf({ unverified, required, groups }: ApprovalRules): string {
  if (unverified === 'refuse') return 'this policy counts verified names only'
  if (required > 1) return `more than one approval takes verified names`
  return groups.length > 0 ? 'a group takes verified names' : 'makerChecker takes verified names'
}

const emergencyOnly = ({ emergency }: UpgradeRules): string =>
  emergency === undefined
    ? 'the policy names no emergency group, so nobody may start it outside of its windows'
    : `only verified members of ${emergency} may start it outside of its windows; log in with an API token and use refit approve`

/** Whether nobody's yes is lacking. */
const isComplete = (votes: Votes, { approval }: UpgradeRules): boolean =>
  votes.status === 'approved' || approval.required === 0

/** What is particular to each verb. */
function objectionOf(votes: Votes, said: Said, speaker: Speaker, at: number, rules: UpgradeRules): string | undefined {
  switch (said.verb) {
    case 'request':
      if (rules.approval.required === 0) return 'it needs no approval, so nobody needs to request it'
      if (votes.requested) return `already requested by ${votes.requested.by}`
      return referenceObjection(rules.approval, said.changeReference, false)
    case 'approve':
      return said.now
        ? objectionToEmergency(votes, said, speaker, rules)
        : objectionToApproval(votes, said, speaker, rules)
    case 'withdraw':
      return hasSaid(votes, speaker.by) ? undefined : `${speaker.by} has nothing to withdraw`
    case 'snooze':
      if (rules.approval.required === 0) return 'nobody is asked, so there is nothing to snooze'
      if (said.until === undefined) return 'it must say until when'
      if (said.until <= at) return `${instant(said.until)} is past`
      return said.until > at + maxSnoozeMs ? 'nothing can be snoozed for more than 30 days' : undefined
    case 'pause':
      return votes.paused ? `already paused by ${votes.paused.by}` : undefined
    case 'resume':
      return votes.paused ? undefined : 'it is not paused'
    case 'reject':
    case 'abort':
      return undefined
  }
}

function objectionToApproval(votes: Votes, said: Said, speaker: Speaker, rules: UpgradeRules): string | undefined {
  if (votes.approvals.some(({ by }) => isSame(by, speaker.by))) return `${speaker.by} has approved it already`
  if (wantsRequest(votes, rules))
    return 'nobody has requested it yet: one person requests it (refit request), another one approves'
  const { makerChecker, required } = rules.approval
  if (required > 0 && makerChecker && votes.requested && isSame(votes.requested.by, speaker.by))
    return `${speaker.by} requested it; another person must approve`
  return referenceObjection(rules.approval, said.changeReference, votes.changeReference === undefined)
}

/** Beside a yes of its own, it may also be added to a complete approval, or to one's own yes. */
function objectionToEmergency(votes: Votes, said: Said, speaker: Speaker, rules: UpgradeRules): string | undefined {
  const { emergency } = rules
  if (emergency === undefined || !speaker.groups.includes(emergency)) return emergencyOnly(rules)
  if (!said.reason) return 'a start outside of windows needs a reason'
  if (votes.emergency && (votes.emergency.overrideFreeze || !said.overrideFreeze))
    return `${votes.emergency.by} has already asked for a start outside of windows`
  return addsVote(votes, speaker.by, rules) ? objectionToApproval(votes, said, speaker, rules) : undefined
}

/** Whether a yes with `now` is also the person's yes to the plan. */
export const addsVote = (votes: Votes, by: string, rules: UpgradeRules): boolean =>
  !isComplete(votes, rules) && !votes.approvals.some((each) => isSame(each.by, by))

const hasSaid = ({ approvals, requested, emergency }: Votes, by: string): boolean =>
  [...approvals, requested, emergency].some((each) => each && isSame(each.by, by))

/** A ticket that lacks or doesn't look as it should. `wanted`: nobody has named one yet. */
function referenceObjection(
  { changeReference }: ApprovalRules,
  reference: string,
  wanted: boolean,
): string | undefined {
  if (!changeReference) return undefined
  if (!reference)
    return changeReference.required && wanted ? 'a change reference is wanted (changeReference)' : undefined
  return patternObjection({ changeReference }, reference)
}

/** A ticket that doesn't look as the policy wants it, in words. None is none's business here. */
export function patternObjection(
  { changeReference }: Pick<ApprovalRules, 'changeReference'>,
  reference: string,
): string | undefined {
  const pattern = changeReference?.pattern
  if (pattern === undefined || !reference) return undefined
  const matches = wholeMatch(pattern, reference)
  if (matches === undefined) return `changeReference.pattern of the policy can't be read: ${pattern}`
  return matches ? undefined : `the change reference ${reference} does not match ${pattern}`
}

/** Undefined when the pattern is none. Linear in the text's length, whatever the pattern. */
export function wholeMatch(pattern: string, text: string): boolean | undefined {
  try {
    return RE2JS.compile(pattern).matches(text)
  } catch {
    return undefined
  }
}
