import type { PersonVerb } from './approval-message'
import type { ApprovalRules } from './policy'
import type { Outcome } from './status'
import { wordList } from './text'

/** How a person came to be known: by an API token, by a request that Slack signed, by an OIDC provider, or not at all. */
export type Via = 'signal' | 'token' | 'slack' | 'oidc'

/** Who speaks. Only what Refit itself authenticated is verified. */
export interface Speaker {
  by: string
  verified: boolean
  /** of this person when the message was sent */
  groups: string[]
  via: Via
}

/** What of a plan decides who may say what. */
export interface UpgradeRules {
  approval: ApprovalRules
  /** the group whose members may start it outside of windows, and in freezes */
  emergency?: string
}

/** One person's yes, or the request that it answers. `at` is the workflow's time, epoch milliseconds. */
export interface Voter {
  by: string
  verified: boolean
  via: Via
  at: number
  reason: string
  changeReference: string
}

export interface Emergency {
  by: string
  reason: string
  overrideFreeze: boolean
}

export interface Refusal {
  verb: string
  by: string
  reason: string
}

/** What people and scans have said to one upgrade so far; plain JSON, carried over continue-as-new. */
export interface Votes {
  /** the plan that is asked about; absent until it is made */
  planHash?: string
  status: 'waiting' | 'approved' | 'rejected' | 'superseded'
  /** who decided; empty while waiting */
  by: string
  /** whether each of them was */
  verified: boolean
  /** the words of who decided, possibly none; of a superseded one: what is newer */
  reason: string
  /** one per person, in the order in which they came */
  approvals: Voter[]
  requested?: Voter
  /** the first ticket of a change that was named */
  changeReference?: string
  /** while it lasts nobody is reminded, and the question doesn't expire */
  snooze?: { by: string; from: number; until: number }
  /** how long snoozes that are over kept the question from expiring, milliseconds */
  stoodMs: number
  paused?: { by: string; reason: string; at: number }
  emergency?: Emergency
  abort?: { by: string; reason: string; verified?: boolean }
  /** set once the first write is near: from then on nothing newer supersedes; abort, pause and resume are heard */
  underway?: boolean
  /** set when the upgrade has ended: nothing is accepted any more */
  closed?: Outcome
  /** newest last, at most 20 */
  refusals: Refusal[]
  /** how many messages of unverified names were accepted */
  unverified: number
}

/** An empty box of votes. */
export const newVotes = (planHash?: string): Votes => ({
  ...(planHash === undefined ? {} : { planHash }),
  status: 'waiting',
  by: '',
  verified: false,
  reason: '',
  approvals: [],
  stoodMs: 0,
  refusals: [],
  unverified: 0,
})

/** Votes as an earlier build carried them over, with what it didn't know. */
export function completedVotes(votes: Partial<Votes>): Votes {
  const { status, by = '', reason = '' } = votes
  const approvals: Voter[] =
    status === 'approved' ? [{ by, verified: false, via: 'signal', at: 0, reason, changeReference: '' }] : []
  return { ...newVotes(), approvals, ...votes }
}

/** The votes as if this had never been said. */
export function without(votes: Votes, key: 'snooze' | 'paused'): Votes {
  const left = { ...votes }
  // Absent and not undefined: continue-as-new would leave it out, and nothing may look different after it.
  delete left[key]
  return left
}

/** Rules of a plan that was made before it carried any. */
export const plainRules = (isAsked: boolean, expiresMs: number): UpgradeRules => ({
  approval: {
    required: isAsked ? 1 : 0,
    expiresMs,
    escalateMs: 0,
    unverified: 'accept',
    makerChecker: false,
    groups: [],
  },
})

/** One yes completes also an approval that nobody asks for: whoever gives it wants it on record. */
export const neededOf = ({ approval }: UpgradeRules): number => Math.max(approval.required, 1)

/** Nobody becomes somebody else by another spelling. */
export const isSame = (a: string, b: string): boolean => spelled(a) === spelled(b)
const spelled = (name: string): string => name.normalize('NFKC').toLowerCase()

/** `1 of 2 approvals (ann)`, and what else is wanted. */
export function tallyWords(votes: Votes, rules: UpgradeRules): string {
  const names = votes.approvals.map(({ by }) => by)
  const tally = `${names.length} of ${neededOf(rules)} approvals${names.length > 0 ? ` (${wordList(names)})` : ''}`
  return wantsRequest(votes, rules) ? `${tally}, nobody has requested it` : tally
}

/** Whether a person must still request it before another one can approve. */
export const wantsRequest = (votes: Votes, { approval }: UpgradeRules): boolean =>
  approval.required > 0 && approval.makerChecker && !votes.requested

/** When the question expires, epoch milliseconds, provided that nobody snoozes it any further. */
export const expiresAt = (votes: Votes, { askedAt, expiresMs }: { askedAt: number; expiresMs: number }): number =>
  askedAt + expiresMs + votes.stoodMs + (votes.snooze ? votes.snooze.until - votes.snooze.from : 0)

/** A snooze is over, or another one takes its place: as long as it lasted the clock stood still. */
export function endSnooze(votes: Votes, now: number): Votes {
  const { snooze } = votes
  return snooze ? { ...without(votes, 'snooze'), stoodMs: votes.stoodMs + Math.max(0, now - snooze.from) } : votes
}

/** What a waiting question does next, and when (epoch milliseconds; possibly past). */
export function nextMoment(
  votes: Votes,
  question: { askedAt: number; expiresMs: number; escalateMs: number; escalated: boolean },
): { kind: 'asks again' | 'escalates' | 'expires'; at: number } {
  if (votes.snooze) return { kind: 'asks again', at: votes.snooze.until }
  const end = expiresAt(votes, question)
  const escalates = question.escalateMs > 0 && question.escalateMs < question.expiresMs && !question.escalated
  return escalates ? { kind: 'escalates', at: end - question.escalateMs } : { kind: 'expires', at: end }
}

export type Heard =
  | { ok: true; message: Message; speaker: Speaker; /** id of the vote that must be read back first */ vote?: string }
  | { ok: false; verb: string; by: string; reason: string }

/** A message as it was understood. */
export type Message = Said | Newer

/** What a person said. Which fields count is a matter of the verb. */
export interface Said {
  verb: PersonVerb
  by: string
  /** lower-case hex, at least 12 digits; abort, pause and resume need none */
  planHash?: string
  reason: string
  changeReference: string
  /** start outside of windows */
  now: boolean
  /** start in freezes, too */
  overrideFreeze: boolean
  /** epoch milliseconds, of a snooze */
  until?: number
}

/** What a scan says: something newer is there. */
export interface Newer {
  verb: 'supersede'
  by: string
  tag: string
  digest: string
}
