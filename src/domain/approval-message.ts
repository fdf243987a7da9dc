import { clean } from './text'
import type { Heard, Said, Speaker } from './votes'

/** What a person can say to an upgrade: an Update and a Signal of that name each. */
export const personVerbs = ['request', 'approve', 'reject', 'withdraw', 'snooze', 'pause', 'resume', 'abort'] as const
export type PersonVerb = (typeof personVerbs)[number]
export type Verb = PersonVerb | 'supersede'

const maxBy = 200
const maxReason = 1_000

/**
 * Understands whatever arrived (none, null, a string, an array, a megabyte, any depth) and never throws: a signal
 * handler that throws would stop its workflow for ever. Only the fields of the verb are read; texts are cleaned, a
 * reason is cut at 1,000 characters, a name of more than 200 is refused. Nobody is verified by what a message says of
 * itself; a `vote` names the row that says who it was.
 */
export function parseMessage(verb: Verb, input: unknown): Heard {
  try {
    return parse(verb, input)
  } catch {
    return { ok: false, verb, by: 'unknown', reason: 'the message could not be read' }
  }
}

function parse(verb: Verb, input: unknown): Heard {
  const no = (reason: string, by = 'unknown'): Heard => ({ ok: false, verb, by, reason })
  if (typeof input !== 'object' || input === null || Array.isArray(input))
    return no(`expected an object such as ${exampleOf[verb]}`)
  const fields = input as Record<string, unknown>
  if (verb === 'supersede') {
    const [tag, digest] = [textOf(fields.tag, 128), textOf(fields.digest, 200)]
    if (!tag || !/^[a-z0-9]+:[0-9a-f]{32,}$/.test(digest)) return no('tag and digest must name what is newer')
    return { ok: true, message: { verb, by: 'scan', tag, digest }, speaker: unverified('scan') }
  }
  if (typeof fields.by === 'string' && fields.by.length > maxBy)
    return no(`by is longer than ${maxBy} characters`, textOf(fields.by, 40))
  const by = textOf(fields.by, maxBy)
  if (!by) return no('by must name the person')
  if (fields.vote !== undefined && !(typeof fields.vote === 'string' && /^[\w:.-]{1,100}$/.test(fields.vote)))
    return no('vote must be the id of a vote', by)
  const said = saidBy(verb, by, fields)
  if (typeof said === 'string') return no(said, by)
  const vote = fields.vote === undefined ? {} : { vote: fields.vote }
  return { ok: true, message: said, speaker: unverified(by), ...vote }
}

/** The message of a person, or what is wrong with it. */
function saidBy(verb: PersonVerb, by: string, fields: Record<string, unknown>): Said | string {
  const reason = textOf(fields.reason, maxReason) || textOf(fields.comment, maxReason)
  const said: Said = {
    verb,
    by,
    reason,
    changeReference: textOf(fields.changeReference, maxBy),
    now: fields.now === true || fields.overrideFreeze === true,
    overrideFreeze: fields.overrideFreeze === true,
  }
  if (verb === 'abort' || verb === 'pause' || verb === 'resume') return said
  const planHash =
    typeof fields.planHash === 'string' && fields.planHash.length <= 128 ? fields.planHash.trim().toLowerCase() : ''
  if (!/^[0-9a-f]{12,64}$/.test(planHash)) return 'planHash must be the first 12 or more hex digits of the plan'
  if (verb !== 'snooze') return { ...said, planHash }
  const until = instantOf(fields.until)
  if (until === undefined && fields.vote === undefined) return 'until must be an instant such as 2026-11-24T18:00:00Z'
  return { ...said, planHash, ...(until === undefined ? {} : { until }) }
}

/** ISO 8601 with its zone (a local time would be read by the worker's clock), or epoch milliseconds. */
function instantOf(value: unknown): number | undefined {
  const at =
    typeof value === 'number'
      ? value
      : typeof value === 'string' && /^\d{4}-\d{2}-\d{2}T[\d:.]{4,14}(?:Z|[+-]\d{2}:?\d{2})$/i.test(value.trim())
        ? Date.parse(value.trim())
        : NaN
  return Number.isFinite(at) && Math.abs(at) <= maxInstant ? Math.round(at) : undefined
}

/** The last instant that a Date can hold. */
const maxInstant = 8.64e15

/** Anybody who can reach Temporal may claim any name. */
const unverified = (by: string): Speaker => ({ by, verified: false, groups: [], via: 'signal' })

const textOf = (value: unknown, max: number): string => (typeof value === 'string' ? clean(value, max) : '')

const exampleOf: Record<Verb, string> = {
  request: '{"by":"…","planHash":"…"}',
  approve: '{"by":"…","planHash":"…"}',
  reject: '{"by":"…","planHash":"…","reason":"…"}',
  withdraw: '{"by":"…","planHash":"…"}',
  snooze: '{"by":"…","planHash":"…","until":"…"}',
  pause: '{"by":"…","reason":"…"}',
  resume: '{"by":"…"}',
  abort: '{"by":"…","reason":"…"}',
  supersede: '{"tag":"…","digest":"sha256:…"}',
}
