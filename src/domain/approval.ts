import type { Outcome } from './status'
import { clean } from './text'

export const verbs = ['approve', 'reject', 'abort', 'supersede'] as const
export type Verb = (typeof verbs)[number]

export type Message =
  | {
      verb: 'approve' | 'reject'
      by: string
      /** lower-case hex, at least 12 digits */
      planHash: string
      reason: string
    }
  | { verb: 'abort'; by: string; reason: string }
  | { verb: 'supersede'; by: string; tag: string; digest: string }

/** A message as it was understood, or why it was not. */
export type ParsedMessage = { ok: true; message: Message } | { ok: false; verb: Verb; by: string; reason: string }

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
  /** the words of who decided, possibly none; of a superseded one: what is newer */
  reason: string
  abort?: { by: string; reason: string }
  /** set once the first write is near: from then on nothing newer supersedes, only an abort is heard */
  underway?: boolean
  /** set when the upgrade has ended: nothing is accepted any more */
  closed?: Outcome
  /** newest last, at most 20 */
  refusals: Refusal[]
}

const maxRefusals = 20
const maxBy = 200
const maxReason = 1_000

/** An empty box of votes. */
export const newVotes = (planHash?: string): Votes => ({
  ...(planHash === undefined ? {} : { planHash }),
  status: 'waiting',
  by: '',
  reason: '',
  refusals: [],
})

/**
 * Counts one message. Pure: an Update's validator may call it to ask without keeping the result. A refused message
 * changes nothing but the list of refusals.
 */
export function receive(votes: Votes, parsed: ParsedMessage): { votes: Votes; accepted: boolean; message: string } {
  if (!parsed.ok) return refuse(votes, parsed, parsed.reason)
  const { message } = parsed
  const objection = objectionTo(votes, message)
  if (objection) {
    // A scan repeats itself; only what a person sent is worth remembering.
    if (message.verb === 'supersede') return { votes, accepted: false, message: objection }
    return refuse(votes, message, objection)
  }
  return accept(votes, message)
}

function objectionTo(votes: Votes, message: Message): string | undefined {
  if (votes.closed) return `the upgrade has ended (${votes.closed})`
  if (votes.abort) return `already aborted by ${votes.abort.by}`
  if (message.verb === 'abort') return undefined
  if (votes.status === 'approved')
    return `already approved by ${votes.by}${message.verb === 'reject' ? '; abort stops it and rolls back' : ''}`
  if (votes.status !== 'waiting') return `already ${votes.status}`
  if (votes.underway) return 'it is already being carried out'
  if (message.verb === 'supersede') return undefined
  if (votes.planHash === undefined) return 'the plan is not made yet; read it first'
  return samePlan(votes.planHash, message.planHash)
    ? undefined
    : `the plan is ${votes.planHash}, not ${clean(message.planHash, 64)}; read it again`
}

/** A plan is named by at least 12 hex digits; whichever is longer must begin with the other. */
const samePlan = (ours: string, named: string): boolean => named.startsWith(ours) || ours.startsWith(named)

function accept(votes: Votes, message: Message): { votes: Votes; accepted: boolean; message: string } {
  const because = 'reason' in message && message.reason ? `: ${message.reason}` : ''
  switch (message.verb) {
    case 'approve':
      return {
        votes: { ...votes, status: 'approved', by: message.by, reason: message.reason },
        accepted: true,
        message: `approved by ${message.by}${because}`,
      }
    case 'reject':
      return {
        votes: { ...votes, status: 'rejected', by: message.by, reason: message.reason },
        accepted: true,
        message: `rejected by ${message.by}${because}`,
      }
    case 'supersede': {
      const reason = `${message.tag} is newer`
      return { votes: { ...votes, status: 'superseded', by: message.by, reason }, accepted: true, message: reason }
    }
    case 'abort':
      return {
        votes: { ...votes, abort: { by: message.by, reason: message.reason } },
        accepted: true,
        message: `aborted by ${message.by}${because}`,
      }
  }
}

function refuse(votes: Votes, { verb, by }: { verb: Verb; by: string }, reason: string) {
  return {
    votes: { ...votes, refusals: [...votes.refusals, { verb, by, reason }].slice(-maxRefusals) },
    accepted: false,
    message: reason,
  }
}

/**
 * Understands whatever arrived (none, null, a string, an array, a megabyte, any depth) and never throws: a signal
 * handler that throws would stop its workflow for ever. Only the fields of the verb are read; texts are cleaned, a
 * reason is cut at 1,000 characters, a name of more than 200 is refused.
 */
export function parseMessage(verb: Verb, input: unknown): ParsedMessage {
  try {
    return parse(verb, input)
  } catch {
    return { ok: false, verb, by: 'unknown', reason: 'the message could not be read' }
  }
}

function parse(verb: Verb, input: unknown): ParsedMessage {
  const no = (reason: string, by = 'unknown'): ParsedMessage => ({ ok: false, verb, by, reason })
  if (typeof input !== 'object' || input === null || Array.isArray(input))
    return no(`expected an object such as ${exampleOf[verb]}`)
  const fields = input as Record<string, unknown>
  if (verb === 'supersede') {
    const [tag, digest] = [textOf(fields.tag, 128), textOf(fields.digest, 200)]
    if (!tag || !/^[a-z0-9]+:[0-9a-f]{32,}$/.test(digest)) return no('tag and digest must name what is newer')
    return { ok: true, message: { verb, by: 'scan', tag, digest } }
  }
  if (typeof fields.by === 'string' && fields.by.length > maxBy)
    return no(`by is longer than ${maxBy} characters`, textOf(fields.by, 40))
  const by = textOf(fields.by, maxBy)
  if (!by) return no('by must name the person')
  const reason = textOf(fields.reason, maxReason) || textOf(fields.comment, maxReason)
  if (verb === 'abort') return { ok: true, message: { verb, by, reason } }
  const planHash =
    typeof fields.planHash === 'string' && fields.planHash.length <= 128 ? fields.planHash.trim().toLowerCase() : ''
  if (!/^[0-9a-f]{12,64}$/.test(planHash)) return no('planHash must be the first 12 or more hex digits of the plan', by)
  return { ok: true, message: { verb, by, planHash, reason } }
}

const textOf = (value: unknown, max: number): string => (typeof value === 'string' ? clean(value, max) : '')

const exampleOf: Record<Verb, string> = {
  approve: '{"by":"…","planHash":"…"}',
  reject: '{"by":"…","planHash":"…","reason":"…"}',
  abort: '{"by":"…","reason":"…"}',
  supersede: '{"tag":"…","digest":"sha256:…"}',
}
