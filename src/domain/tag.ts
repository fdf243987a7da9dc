import type { TagExplanation } from './decision'

/** Why a tag says nothing about versions, whatever the strategy. */
export type Unread = Pick<TagExplanation, 'verdict' | 'reason'>

/** What a registry may call a tag (OCI distribution): at most 128 characters. */
export const tagPattern = '[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}'
const grammar = new RegExp(`^${tagPattern}$`)
/** Whether this may be a tag: anything else can't be pulled, whatever a registry says. */
export const isTag = (text: string): boolean => grammar.test(text)

/** Words that registries move from image to image. */
const floating = /^(latest|stable|edge|main|master|develop|nightly|snapshot|canary|lts|(major|minor|patch)-.+)$/i
/** What is kept beside an image under a tag named after its digest: signatures, attestations, SBOMs. */
const artifact = /^sha256-[0-9a-f]{64}(?:\.[a-z]+)?$/

/** Undefined for a tag that a strategy may look at. Bounded in time: what is too long is not read. */
export function unreadable(tag: string): Unread | undefined {
  if (!isTag(tag)) return { verdict: 'not-a-version', reason: 'not what a tag may look like' }
  if (artifact.test(tag))
    return { verdict: 'not-a-version', reason: 'holds a signature, an attestation or an SBOM of another image' }
  return floating.test(tag) ? { verdict: 'floating', reason: 'moves from image to image' } : undefined
}

/** A stranger's tag as it is shown and kept: never longer than a tag may be. */
export const shown = (tag: string): string => (tag.length > 128 ? `${tag.slice(0, 127)}…` : tag)
