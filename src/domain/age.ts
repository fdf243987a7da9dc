import type { Facts, TagSeen } from './decide'
import type { Policy } from './policy'
import { durationWords, instant } from './text'

/** Since when a tag counts, and by whose clock. Instants in epoch ms. */
export interface Since {
  at: number
  source: 'refit' | 'publisher'
}

/** No image is older than container images are: an earlier date is a reproducible build's, and says nothing. */
const firstImages = Date.UTC(2013, 0, 1)

/** How old a tag must be; 0 when the policy has no such rule. Under `settle` it is what the newest one must be. */
export const requiredAge = ({ minimumAgeMs, settle }: Pick<Policy, 'minimumAgeMs' | 'settle'>): number =>
  Math.max(minimumAgeMs, settle?.forMs ?? 0)

/**
 * The clock of a tag: since its digest changed, or was first recorded too late to tell what it was before, else since
 * Refit saw it first. A tag met in the first scan, with its digest, counts by its publisher's date where the policy says
 * so, which is `unknown` until its image was looked up. A digest that was looked
 * up now and is another than the one on record starts the clock anew.
 */
export function sinceOf(
  tag: string,
  { firstScan }: Pick<Policy, 'firstScan'>,
  facts: Facts,
  now: number,
): Since | 'unknown' {
  const seen: TagSeen = Object.hasOwn(facts.seen, tag)
    ? (facts.seen[tag] as TagSeen)
    : { firstSeenAt: now, baseline: false }
  const digest = Object.hasOwn(facts.digests, tag) ? facts.digests[tag] : undefined
  if (digest && seen.digest !== undefined && digest !== seen.digest) return { at: now, source: 'refit' }
  const own = { at: seen.digestSince ?? seen.firstSeenAt, source: 'refit' as const }
  if (seen.digestSince !== undefined || !seen.baseline || firstScan === 'wait') return own
  if (!digest || !Object.hasOwn(facts.images, digest)) return 'unknown'
  const created = facts.images[digest]?.created
  return created === undefined || created < firstImages || created > own.at ? own : { at: created, source: 'publisher' }
}

/** Since when at the latest, whatever the publisher says: what is old enough by this needs no look-up. */
export const latestSince = (tag: string, policy: Pick<Policy, 'firstScan'>, facts: Facts, now: number): number => {
  const since = sinceOf(tag, policy, facts, now)
  return since === 'unknown' ? (facts.seen[tag]?.firstSeenAt ?? now) : since.at
}

/** A first digest that is recorded so much later says nothing of what the tag pointed to before. */
export const firstDigestWithinMs = 15 * 60_000

/** What the clock of a tag is once its digest was looked up, as the store keeps it. */
export function withDigest(seen: TagSeen | undefined, digest: string, now: number): TagSeen {
  if (!seen) return { firstSeenAt: now, baseline: false, digest }
  if (seen.digest === digest) return seen
  const isFirst = seen.digest === undefined && now - seen.firstSeenAt <= firstDigestWithinMs
  return { ...seen, digest, ...(isFirst ? {} : { digestSince: now }) }
}

/** Why a tag waits for its age, in words that stay the same from scan to scan. */
export function youngWords(tag: string, since: Since, required: number, until: number): string {
  const known = since.source === 'publisher' ? 'was built' : 'is known since'
  return `${tag} ${known} ${instant(since.at)} and must be ${durationWords(required)} old: it is offered from ${instant(until)}`
}
