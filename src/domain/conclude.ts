import { changesOf } from './changes'
import { sinceOf } from './age'
import type { DecideInput, Facts, Step } from './decide'
import type { Candidate, Decision, Hold } from './decision'
import { wouldSetBack } from './gitops'
import type { Undecided } from './outlook'
import { instant, wordList } from './text'
import { strategyWords } from './version-rules'
import { isMarked, type Passed, type Search } from './walk'

type Decided = Extract<Step, { kind: 'decided' }>

/** How many passed-over tags a reason names. */
const told = 3

/** A tag that everything speaks for; `held`, with every reason, where a person, another tool or an upgrade holds it. */
export function concludeCandidate(
  input: DecideInput,
  open: Undecided,
  facts: Facts,
  { candidate, rejected, passed }: Extract<Search, { kind: 'candidate' }>,
): Decided {
  const { tag, promoted, signedBy } = candidate
  const full = describe(candidate, input, open, facts)
  const holds: [Hold, string][] = []
  if (input.heldBy !== undefined) holds.push(['upgrade', input.heldBy])
  if (rejected !== undefined)
    holds.push(['rejection', `${tag} is not offered again until its digest changes: ${rejected}`])
  const owned = ownerHolding(input)
  if (owned) holds.push(['owner', owned])
  const over = overWords(passed)
  const taken = { chosen: rejected === undefined ? tag : undefined, passed: objectionsOf(passed) }
  const next = { ...revisit(passed), trusted: true, watchedTag: tag }
  const alarms = alarmsOf(passed)
  if (holds.length === 0) {
    const proved = promoted
      ? `; it succeeded on ${promoted.hub} ${instant(promoted.since)} (plan ${promoted.planHash} there)`
      : ''
    const signed = signedBy === undefined ? '' : `; it is signed by ${signedBy}`
    const reason = `${reasonFor(tag, open)}${open.remark}${signed}${proved}${over ? `; ${over}` : ''}`
    return { kind: 'decided', decision: open.say('candidate', reason, { candidate: full, ...alarms }, taken), ...next }
  }
  if (rejected !== undefined) taken.passed.set(tag, { verdict: 'rejected', reason: rejected })
  const reason = holds.map(([, words]) => words).join('; ')
  const more = { candidate: full, holds: holds.map(([hold]) => hold), ...alarms }
  return { kind: 'decided', decision: open.say('held', reason, more, taken), ...next }
}

function reasonFor(tag: string, { policy, running }: Undecided): string {
  if (policy.strategy === 'digest') return `${tag} has another digest now`
  return `${tag} is the newest that ${strategyWords(policy.strategy)} allows from ${running.tag}`
}

/** Something newer is there, but nothing of it may be offered yet; `suspicious` when none of it can be pulled at all. */
export function concludeHeld(input: DecideInput, open: Undecided, passed: Passed[]): Decided {
  const [first] = passed.filter(({ digest }) => digest !== undefined)
  const holds = [...new Set(passed.flatMap(({ hold }) => hold ?? []))]
  const [newest] = passed
  if (newest && holds.length === 0 && input.heldBy === undefined) {
    const decision = open.say('suspicious', overWords(passed), {}, { passed: objectionsOf(passed) })
    return { kind: 'decided', decision, ...revisit(passed), trusted: true, watchedTag: newest.tag }
  }
  const reasons = [input.heldBy, overWords(passed)].filter(Boolean)
  const next = revisit(passed)
  const ages = revisit(passed.filter(({ hold }) => hold === 'age'))
  const more: Partial<Decision> = {
    ...(first ? { candidate: { tag: first.tag, digest: first.digest as string } } : {}),
    holds: input.heldBy === undefined ? holds : ['upgrade', ...holds],
    ...(ages.revisitAt === undefined ? {} : { holdUntil: ages.revisitAt }),
    ...alarmsOf(passed),
  }
  const decision = open.say('held', reasons.join('; '), more, { passed: objectionsOf(passed) })
  return { kind: 'decided', decision, ...next, trusted: true, ...(first ? { watchedTag: first.tag } : {}) }
}

/** Nothing newer: what is left to ask is whether the running tag was pushed again. */
export function concludeNothing(input: DecideInput, open: Undecided, facts: Facts): Step {
  const { service, heldBy } = input
  const { running, policy } = open
  const { tag } = running
  if (heldBy !== undefined)
    return { kind: 'decided', decision: open.say('held', heldBy, { holds: ['upgrade'] }), trusted: true }
  const upToDate = open.say('up-to-date', `${upToDateWords(input, open)}${open.remark}`)
  if (!open.listed) return { kind: 'decided', decision: upToDate, trusted: true }
  if (!Object.hasOwn(facts.digests, tag)) return { kind: 'look-up', digestOf: tag }
  const digest = facts.digests[tag]
  const next = { trusted: true, watchedTag: tag }
  if (!digest)
    return {
      kind: 'decided',
      decision: open.say('suspicious', `the registry lists ${tag} but has no manifest for it`),
      ...next,
    }
  // Under strategy digest another digest is a candidate, and was dealt with.
  if (policy.strategy === 'digest' || service.runningDigests.length === 0 || service.runningDigests.includes(digest))
    return { kind: 'decided', decision: upToDate, ...next }
  const reason = `${tag} was pushed again: the registry has ${digest}, the pods run ${wordList(service.runningDigests)}`
  return { kind: 'decided', decision: open.say('rebuilt', reason), ...next }
}

function upToDateWords({ releaseTarget }: DecideInput, { policy, running }: Undecided): string {
  const { tag } = running
  if (policy.strategy === 'digest') return `${tag} still has the digest that runs`
  if (policy.strategy === 'release' && releaseTarget)
    return releaseTarget.tag === tag
      ? `${tag} is what release ${releaseTarget.release} names`
      : `${tag} runs, and release ${releaseTarget.release} names ${releaseTarget.tag}, which is not newer`
  return `${tag} is the newest that ${strategyWords(policy.strategy)} allows`
}

function describe(
  { tag, digest, promoted, signedBy }: Candidate,
  input: DecideInput,
  { policy, running }: Undecided,
  facts: Facts,
): Candidate {
  const since = Object.hasOwn(facts.seen, tag) ? sinceOf(tag, policy, facts, input.now) : 'unknown'
  const image = facts.images[digest]
  const mark = isMarked(input, tag, digest) ? input.marks[tag] : undefined
  const changes = image ? changesOf(image, { from: running.tag, to: tag }) : undefined
  return {
    tag,
    digest,
    ...(mark ? { security: mark.reason } : {}),
    ...(since === 'unknown' ? {} : { since }),
    ...(promoted ? { promoted } : {}),
    ...(signedBy === undefined ? {} : { signedBy }),
    ...(changes ? { changes } : {}),
  }
}

/** A template that another tool writes would be set back within minutes (Argo CD, Flux) or by the next release (Helm). */
function ownerHolding({ service, policy }: DecideInput): string | undefined {
  for (const { name, owner } of service.workloads) {
    if (!owner || !wouldSetBack(owner, policy ?? {})) continue
    const way =
      owner.tool === 'helm'
        ? 'change it there, or write gitops or helmDrift: accept in the policy'
        : 'change it there, or write gitops in the policy'
    return `owned by ${owner.tool} ${owner.name}: it would set ${name} back; ${way}`
  }
  return undefined
}

/** Also of tags that are passed over for one that is offered: whoever made such a signature may go on. */
function alarmsOf(passed: readonly Passed[]): Pick<Decision, 'badSignatures'> {
  const bad = passed.flatMap(({ hold, digest, reason }) =>
    hold === 'bad-signature' && digest !== undefined ? [{ digest, reason }] : [],
  )
  return bad.length > 0 ? { badSignatures: bad } : {}
}

const objectionsOf = (passed: readonly Passed[]) => new Map(passed.map(({ tag, objection }) => [tag, objection]))

function overWords(passed: readonly Passed[]): string {
  const words = passed.slice(0, told).map(({ reason }) => reason)
  if (passed.length > told) words.push(`and ${passed.length - told} more`)
  return words.join('; ')
}

function revisit(passed: readonly Passed[]): { revisitAt?: number } {
  let first = Infinity
  for (const { until } of passed) first = Math.min(first, until ?? Infinity)
  return first === Infinity ? {} : { revisitAt: first }
}
