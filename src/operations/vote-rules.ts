import { patternObjection, unverifiedCounts } from '../domain/approval-rules'
import { RefitError } from '../domain/errors'
import type { Scope } from '../domain/people'
import { approvalRulesOf, type Plan } from '../domain/plan'
import { clean, wordList } from '../domain/text'
import type { VoteVerb } from '../store/contracts'
import { unauthenticated } from './authenticate'
import type { VoteRequest } from './vote'

/** As long as a message may be anywhere else. */
export const longestText = 1_000

/** The verbs that are about one plan. */
const answers: ReadonlySet<VoteVerb> = new Set(['request', 'approve', 'reject', 'withdraw', 'snooze'])
/** Who sees something go wrong must be able to stop it at once, whoever that is. */
const open: ReadonlySet<VoteVerb> = new Set(['pause', 'abort'])

/** Whether it is said of one plan, and not of whatever is under way. */
export const isAnswer = (verb: VoteVerb): boolean => answers.has(verb)

/** Who answers decides about one plan; who pauses or aborts stops what is under way. */
export const scopeOf = (verb: VoteVerb): Scope => (isAnswer(verb) ? 'approver' : 'operator')

/** Refuses what the upgrade would refuse anyway, before anything is kept or sent, and says what to do instead. */
export function assertMaySay(verb: VoteVerb, request: VoteRequest, plan: Plan): void {
  if (!request.verified && !open.has(verb) && !unverifiedCounts(approvalRulesOf(plan))) throw nameless(verb, plan)
  if (verb === 'snooze' && !request.until)
    throw new RefitError(
      'USAGE',
      'A snooze needs its end.',
      'Say for how long: --for 4h, or --until 2026-12-01T08:00Z.',
    )
  if (request.now || request.overrideFreeze) assertEmergency(request, plan)
  if (verb === 'request' || verb === 'approve') assertReference(request, plan)
}

/** Where no worker is up, nobody else would tell the person before one is. */
function assertReference({ changeReference = '' }: VoteRequest, plan: Plan): void {
  const objection = patternObjection(approvalRulesOf(plan), clean(changeReference, longestText))
  if (objection === undefined) return
  throw new RefitError(
    'APPROVAL_REFUSED',
    `Policy ${plan.policy.name}: ${objection}.`,
    'Name the ticket as the policy wants it: --change REFERENCE.',
  )
}

function assertEmergency({ verified, by, reason, overrideFreeze }: VoteRequest, { policy }: Plan): void {
  const option = overrideFreeze ? '--override-freeze' : '--now'
  if (!verified) throw unauthenticated(`${option} is for people who are known: it needs a token.`)
  if (!reason) throw new RefitError('USAGE', `${option} needs a reason.`, 'Say why it can not wait: --reason TEXT.')
  if (policy.emergency === undefined)
    throw new RefitError(
      'APPROVAL_REFUSED',
      `Policy ${policy.name} names no emergency group, so nobody may use ${option}.`,
      'Approve without it: the upgrade starts in its window.',
    )
  if (!verified.groups.includes(policy.emergency))
    throw new RefitError(
      'FORBIDDEN',
      `${option} is for members of ${policy.emergency}; ${by} is in ${wordList(verified.groups) || 'no group'}.`,
      'Ask one of them, or approve without it: the upgrade starts in its window.',
    )
}

const nameless = (verb: VoteVerb, { policy, service }: Plan): RefitError =>
  new RefitError(
    'APPROVAL_REFUSED',
    `Policy ${policy.name} takes no ${verb} from names that nobody verified.`,
    `Get a token (refit token create NAME --scope approver) and say it again: REFIT_TOKEN=… refit ${verb} ${service.namespace}/${service.name}.`,
  )
