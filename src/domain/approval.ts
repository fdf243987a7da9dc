import { addsVote, objectionTo } from './approval-rules'
import type { EventKind } from './event'
import { clean, instant, wordList } from './text'
import {
  endSnooze,
  type Heard,
  isSame,
  type Message,
  neededOf,
  type Newer,
  type Said,
  type Speaker,
  tallyWords,
  type UpgradeRules,
  type Via,
  type Voter,
  type Votes,
  wantsRequest,
  without,
} from './votes'

/** What goes into the upgrade's record. */
export interface Note {
  kind: EventKind
  message: string
  by: string
  verified: boolean
}

export interface Received {
  votes: Votes
  accepted: boolean
  message: string
  /** What ends the upgrade is recorded with its end, and has none. */
  notes: Note[]
}

const maxRefusals = 20

/**
 * Counts one message: the one reducer behind Update, Signal, CLI, HTTP and Slack. Pure: an Update's validator may call it
 * to ask without keeping the result. `at` is the workflow's time in epoch milliseconds. A refused message changes nothing
 * but the list of refusals.
 */
export function receive(votes: Votes, heard: Heard, { rules, at }: { rules: UpgradeRules; at: number }): Received {
  if (!heard.ok) return refuse(votes, { ...heard, verified: false }, heard.reason)
  const { message, speaker } = heard
  const objection = objectionTo(votes, { message, speaker, at }, rules)
  if (objection === undefined) {
    const next =
      message.verb === 'supersede' ? superseded(votes, message) : said(votes, message, speaker, { rules, at })
    const unverified = votes.unverified + (speaker.verified || message.verb === 'supersede' ? 0 : 1)
    return { ...next, votes: { ...next.votes, unverified }, accepted: true }
  }
  // A scan repeats itself; only what a person sent is worth remembering.
  if (message.verb === 'supersede') return { votes, accepted: false, message: objection, notes: [] }
  return refuse(votes, { verb: message.verb, by: speaker.by, verified: speaker.verified }, objection)
}

/** A vote that could not be read back, or is not what the message said: whoever sent it is none of ours. */
export const refuseVote = (votes: Votes, message: Message, reason: string): Received =>
  refuse(votes, { verb: message.verb, by: message.by, verified: false }, reason)

function refuse(
  votes: Votes,
  { verb, by, verified }: { verb: string; by: string; verified: boolean },
  reason: string,
): Received {
  return {
    votes: { ...votes, refusals: [...votes.refusals, { verb, by, reason }].slice(-maxRefusals) },
    accepted: false,
    message: reason,
    notes: [{ kind: 'refused', message: `${verb} refused: ${reason}`, by, verified }],
  }
}

type Accepted = Omit<Received, 'accepted'>

/** Approvals of a plan say nothing of the next one. */
function superseded(votes: Votes, { by, tag }: Newer): Accepted {
  const names = votes.approvals.map((each) => each.by)
  const lost =
    names.length === 1 ? '1 approval of this plan is void' : `${names.length} approvals of this plan are void`
  const reason = names.length > 0 ? `${tag} is newer; ${lost} (${wordList(names)})` : `${tag} is newer`
  return { votes: { ...votes, status: 'superseded', by, verified: false, reason }, message: reason, notes: [] }
}

interface Circumstances {
  rules: UpgradeRules
  at: number
}

function said(votes: Votes, said: Said, speaker: Speaker, { rules, at }: Circumstances): Accepted {
  const { by, verified } = speaker
  const because = said.reason ? `: ${said.reason}` : ''
  const done = (changed: Votes, kind: EventKind, message: string): Accepted => ({
    votes: changed,
    message,
    notes: [noteOf(kind, message, speaker)],
  })
  switch (said.verb) {
    case 'request': {
      const requested = voterOf(said, speaker, at)
      return done({ ...votes, requested, ...referenceOf(votes, said) }, 'requested', `requested by ${by}${because}`)
    }
    case 'approve':
      return approve(votes, said, speaker, { rules, at })
    case 'reject': {
      const message = `rejected by ${by}${because}`
      return { votes: { ...votes, status: 'rejected', by, verified, reason: said.reason }, message, notes: [] }
    }
    case 'withdraw':
      return withdraw(votes, said, speaker, rules)
    case 'snooze': {
      const until = said.until ?? at
      const message = `snoozed by ${by} until ${instant(until)}${because}`
      return done({ ...endSnooze(votes, at), snooze: { by, from: at, until } }, 'snoozed', message)
    }
    case 'pause':
      return done({ ...votes, paused: { by, reason: said.reason, at } }, 'paused', `paused by ${by}${because}`)
    case 'resume':
      return done(without(votes, 'paused'), 'resumed', `resumed by ${by}${because}`)
    case 'abort': {
      const message = `aborted by ${by}${because}`
      return { votes: { ...votes, abort: { by, reason: said.reason, verified } }, message, notes: [] }
    }
  }
}

function approve(votes: Votes, said: Said, speaker: Speaker, { rules, at }: Circumstances): Accepted {
  const { by } = speaker
  const notes: Note[] = []
  let next = votes
  let message = ''
  if (addsVote(votes, by, rules) || !said.now) {
    next = tallied(
      { ...votes, approvals: [...votes.approvals, voterOf(said, speaker, at)], ...referenceOf(votes, said) },
      rules,
    )
    const isComplete = next.status === 'approved'
    const because = next.reason ? `: ${next.reason}` : ''
    message = isComplete ? `approved by ${next.by}${because}` : `${by} approved it; ${tallyWords(next, rules)}`
    const reference = said.changeReference ? `, change ${said.changeReference}` : ''
    notes.push(noteOf(isComplete ? 'approved' : 'voted', `${message}${reference}`, speaker))
  }
  if (said.now) {
    const { reason, overrideFreeze } = said
    next = { ...next, emergency: { by, reason, overrideFreeze } }
    const when = overrideFreeze ? 'outside of windows and in freezes' : 'outside of windows'
    const urgent = `${by} has it start ${when}: ${reason}`
    message = message ? `${message}; it starts ${when}` : urgent
    notes.push(noteOf('emergency', urgent, speaker))
  }
  return { votes: next, message, notes }
}

function withdraw(votes: Votes, { reason }: Said, speaker: Speaker, rules: UpgradeRules): Accepted {
  const left = withdrawn(votes, speaker.by, rules)
  const lacks = rules.approval.required > 0 ? `; ${tallyWords(left, rules)}` : ''
  const message = `withdrawn by ${speaker.by}${reason ? `: ${reason}` : ''}${lacks}`
  return { votes: left, message, notes: [noteOf('withdrawn', message, speaker)] }
}

/** Sets what the approvals so far amount to. A snooze is over with the question. */
function tallied(votes: Votes, rules: UpgradeRules): Votes {
  const isComplete = votes.approvals.length >= neededOf(rules) && !wantsRequest(votes, rules)
  if (!isComplete) return { ...votes, status: 'waiting', by: '', verified: false, reason: '' }
  return {
    ...without(votes, 'snooze'),
    status: 'approved',
    by: wordList(votes.approvals.map(({ by }) => by)),
    verified: votes.approvals.every(({ verified }) => verified),
    reason: clean(
      votes.approvals
        .map(({ reason }) => reason)
        .filter(Boolean)
        .join('; '),
      1_000,
    ),
  }
}

/** Takes back whatever the person said for the upgrade. With a request go the approvals that answered it. */
function withdrawn(votes: Votes, by: string, rules: UpgradeRules): Votes {
  const { requested, emergency, ...rest } = votes
  const isTheirs = (each: { by: string }): boolean => isSame(each.by, by)
  // A ticket goes with the word that named it.
  delete rest.changeReference
  const left = {
    ...rest,
    ...(requested && !isTheirs(requested) ? { requested } : {}),
    ...(emergency && !isTheirs(emergency) ? { emergency } : {}),
  }
  const approvals = wantsRequest(left, rules) ? [] : votes.approvals.filter((each) => !isTheirs(each))
  const changeReference = [left.requested, ...approvals].find((each) => each?.changeReference)?.changeReference
  return tallied({ ...left, approvals, ...(changeReference ? { changeReference } : {}) }, rules)
}

const voterOf = ({ reason, changeReference }: Said, { by, verified, via }: Speaker, at: number): Voter => ({
  ...{ by, verified, via, at, reason, changeReference },
})

const referenceOf = (votes: Votes, { changeReference }: Said): Pick<Votes, 'changeReference'> =>
  votes.changeReference === undefined && changeReference ? { changeReference } : {}

const verifiers: Readonly<Partial<Record<Via, string>>> = { slack: 'Slack', oidc: 'OIDC' }

/** Who, and how verified. */
const noteOf = (kind: EventKind, message: string, { by, verified, via }: Speaker): Note => ({
  kind,
  message: verified ? `${message} (verified by ${verifiers[via] ?? 'token'})` : message,
  by,
  verified,
})
