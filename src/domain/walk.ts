import { latestSince, requiredAge, sinceOf, youngWords } from './age'
import type { DecideInput, Facts, Step } from './decide'
import type { Candidate, Hold } from './decision'
import { runsOnAny } from './image-facts'
import type { Undecided } from './outlook'
import type { PromotionVerdict } from './promotion'
import type { SignatureVerdict } from './signature'
import { wordList } from './text'
import type { Objection } from './version-rules'

/** A tag that the strategy allows, but that is not offered now. */
export interface Passed {
  tag: string
  /** undefined: the registry lists it without a manifest */
  hold?: Extract<Hold, 'age' | 'quarantine' | 'platform' | 'unsigned' | 'bad-signature' | 'promotion'>
  objection: Objection
  /** in words, with the tag in them */
  reason: string
  digest?: string
  /** when an age ends, or it is looked at again; epoch ms */
  until?: number
}

/** Where the search for a candidate leads, newest tag first. */
export type Search =
  | Ahead
  | { kind: 'candidate'; candidate: Candidate; /** who said no to it */ rejected?: string; passed: Passed[] }
  | { kind: 'none'; passed: Passed[] }

interface Ahead {
  kind: 'look-up'
  step: Extract<Step, { kind: 'look-up' }>
}

/** Digests and images that one decision may ask the registry for. */
const mostLookUps = 6
/** Digests beside these of tags that are too young anyway: noted when they are first met, so that a re-push is noticed. */
const mostNotes = 20

interface Sight {
  input: DecideInput
  open: Undecided
  facts: Facts
  /** under `settle`, when the longest hold is over; epoch ms */
  heldUntil?: number
}

/**
 * Looks at what the strategy allows, newest first. A tag that is too young, in quarantine, not built for the nodes, not
 * signed, not proved on another hub or without a manifest hides no lower one. Under `settle` only the newest counts until the longest hold is over. A rejected one ends the
 * search: a person said no.
 */
export function walk(input: DecideInput, open: Undecided, facts: Facts): Search {
  const { settle } = open.policy
  const sight: Sight = { input, open, facts, ...(settle ? { heldUntil: longestHold(input, open, facts, settle) } : {}) }
  const unnoted = Object.keys(facts.digests).length < mostNotes && tagToNote(sight)
  if (unnoted) return { kind: 'look-up', step: { kind: 'look-up', digestOf: unnoted } }
  const passed: Passed[] = []
  let [lookUps, settling] = [0, false]
  for (const tag of open.eligible) {
    if (settling && !isMarkedIn(sight, tag)) continue
    if (lookUps >= mostLookUps) break
    const seen = look(tag, sight)
    if (seen.kind === 'candidate') return { ...seen, passed }
    if (seen.kind !== 'passed') return seen
    passed.push(seen)
    lookUps += spentOn(tag, facts, seen.hold)
    if (seen.hold !== 'age') continue
    settling ||= input.now < (sight.heldUntil ?? 0)
  }
  return { kind: 'none', passed }
}

/** One that is too young and whose digest nobody knows, also below a candidate: that one may be gone one day. */
function tagToNote(sight: Sight): string | undefined {
  const { input, open, facts } = sight
  const required = requiredAge(open.policy)
  if (required === 0) return undefined
  return open.eligible.find(
    (tag) =>
      known(facts.digests, tag) === undefined &&
      known(facts.seen, tag)?.digest === undefined &&
      !isMarkedIn(sight, tag) &&
      input.now - latestSince(tag, open.policy, facts, input.now) < required,
  )
}

type Look = Ahead | ({ kind: 'passed' } & Passed) | { kind: 'candidate'; candidate: Candidate; rejected?: string }

/** One tag by what is known of it so far: what to look up next, or what comes of it. */
function look(tag: string, sight: Sight): Look {
  const { input, facts } = sight
  const lookUp = (step: Omit<Extract<Step, { kind: 'look-up' }>, 'kind'>): Look => ({
    kind: 'look-up',
    step: { kind: 'look-up', ...step },
  })
  const digest = known(facts.digests, tag)
  const young = youngness(tag, sight)
  if (young && young !== 'undated') {
    const noted = digest ?? known(facts.seen, tag)?.digest
    return { kind: 'passed', ...young, ...(noted ? { digest: noted } : {}) }
  }
  if (digest === undefined) return lookUp({ digestOf: tag })
  if (digest === null) return { kind: 'passed', ...dangling(tag, input.now) }
  const failed = input.quarantined.find((each) => each.digest === digest)
  if (failed) return { kind: 'passed', ...quarantined(tag, digest, failed.reason) }
  if (young === 'undated' && known(facts.images, digest) === undefined) return lookUp({ imageOf: { tag, digest } })
  const rejected = known(facts.rejected, digest)
  if (rejected === undefined) return lookUp({ rejectionOf: digest })
  if (known(facts.images, digest) === undefined) return lookUp({ imageOf: { tag, digest } })
  if (rejected !== null) return { kind: 'candidate', candidate: { tag, digest }, rejected }
  const missing = missingPlatforms(sight, digest)
  if (missing.length > 0) return { kind: 'passed', ...otherPlatform(tag, digest, missing) }
  const signature = signatureOf(sight, digest)
  if (signature === undefined) return lookUp({ signatureOf: digest })
  if (signature.kind === 'held') return { kind: 'passed', ...notSigned(tag, digest, signature, input.now) }
  const candidate = { tag, digest, ...(signature.by === '' ? {} : { signedBy: signature.by }) }
  if (sight.open.policy.promote === undefined) return { kind: 'candidate', candidate }
  const promotion = known(facts.promotions ?? {}, digest)
  if (promotion === undefined) return lookUp({ promotionOf: digest })
  if (promotion.kind === 'held') return { kind: 'passed', ...notPromoted(tag, digest, promotion) }
  const { hub, since, planHash } = promotion
  return { kind: 'candidate', candidate: { ...candidate, promoted: { hub, since, planHash } } }
}

const askedOfNobody: SignatureVerdict = { kind: 'signed', by: '' }

/** Undefined: not asked yet. */
const signatureOf = ({ open, facts }: Sight, digest: string): SignatureVerdict | undefined =>
  open.policy.signatures?.length ? known(facts.signatures ?? {}, digest) : askedOfNobody

/** It may be signed at any time, and nothing else would tell. */
const notSigned = (
  tag: string,
  digest: string,
  { verdict, reason }: Extract<SignatureVerdict, { kind: 'held' }>,
  now: number,
): Passed => ({
  ...{ tag, digest, until: now, reason: `${tag} ${reason}` },
  hold: verdict,
  objection: { verdict, reason },
})

const notPromoted = (
  tag: string,
  digest: string,
  { reason, until }: Extract<PromotionVerdict, { kind: 'held' }>,
): Passed => ({
  ...{ tag, digest, until, reason: `${tag} ${reason}` },
  hold: 'promotion',
  objection: { verdict: 'not-promoted', reason },
})

/** `undefined`: not asked yet, where null is an answer. Names of tags may be those of an object's own methods. */
const known = <T>(facts: Readonly<Record<string, T>>, key: string): T | undefined =>
  Object.hasOwn(facts, key) ? facts[key] : undefined

/** Marked as a security fix: until its digest is known it may be; another one than the marked has no mark. */
export function isMarked({ marks }: DecideInput, tag: string, digest: string | null | undefined): boolean {
  const mark = known(marks, tag)
  return mark !== undefined && (mark.digest === undefined || !digest || mark.digest === digest)
}

const isMarkedIn = ({ input, facts }: Sight, tag: string): boolean => isMarked(input, tag, known(facts.digests, tag))

/** The digest of one that is too young is a note. */
function spentOn(tag: string, facts: Facts, hold: Hold | undefined): number {
  const digest = known(facts.digests, tag)
  return (
    (digest === undefined || hold === 'age' ? 0 : 1) + (digest && known(facts.images, digest) !== undefined ? 1 : 0)
  )
}

/** Undefined when it is old enough; `undated` when only its publisher's date can tell. */
function youngness(tag: string, sight: Sight): Passed | 'undated' | undefined {
  const { input, open, facts, heldUntil } = sight
  const { policy } = open
  const required = isMarkedIn(sight, tag) ? 0 : requiredAge(policy)
  if (required === 0 || input.now - latestSince(tag, policy, facts, input.now) >= required) return undefined
  const since = sinceOf(tag, policy, facts, input.now)
  if (since === 'unknown') return 'undated'
  const isSettling = heldUntil !== undefined && input.now < heldUntil
  const until = Math.min(since.at + required, isSettling ? heldUntil : Infinity)
  const pushedAgain = known(input.marks, tag) ? markWords : ''
  const reason = `${youngWords(tag, since, required, until)}${pushedAgain}`
  return { tag, hold: 'age', objection: { verdict: isSettling ? 'settling' : 'too-young', reason }, reason, until }
}

const markWords =
  '; it was pushed again since it was marked as a security fix: lift the mark and mark it anew if it still is one'

/** The longest hold counts from the first tag that could have been offered. */
function longestHold(input: DecideInput, open: Undecided, facts: Facts, settle: { atMostMs: number }): number {
  const failed = new Set(input.quarantined.map(({ tag }) => tag))
  let oldest = Infinity
  for (const tag of open.eligible)
    if (!failed.has(tag)) oldest = Math.min(oldest, latestSince(tag, open.policy, facts, input.now))
  return oldest + settle.atMostMs
}

function quarantined(tag: string, digest: string, failure: string | undefined): Passed {
  return {
    tag,
    digest,
    hold: 'quarantine',
    objection: { verdict: 'quarantined', reason: failure ?? 'failed before' },
    reason: `${tag} is quarantined until a person lifts it${failure ? `: ${failure}` : ''}`,
  }
}

/** Nothing else tells when its manifest comes: the list stays as it is. */
const danglingAgainMs = 3_600_000

function dangling(tag: string, now: number): Passed {
  const reason = `the registry lists ${tag} but has no manifest for it`
  return { tag, objection: { verdict: 'no-manifest', reason }, reason, until: now + danglingAgainMs }
}

function otherPlatform(tag: string, digest: string, missing: readonly string[]): Passed {
  const reason = `has no image for ${wordList(missing)}, which its nodes need`
  return { tag, digest, hold: 'platform', objection: { verdict: 'other-platform', reason }, reason: `${tag} ${reason}` }
}

/** Platforms of its nodes that the image says nothing for; empty where either can't be told. */
function missingPlatforms({ input, open, facts }: Sight, digest: string): string[] {
  const platforms = known(facts.images, digest)?.platforms ?? []
  if (open.policy.platforms === 'ignore' || platforms.length === 0) return []
  return [...new Set(input.nodePlatforms)].filter((node) => !runsOnAny(platforms, node))
}
