import { concludeCandidate, concludeHeld, concludeNothing } from './conclude'
import type { Decision } from './decision'
import type { ImageFacts } from './image-facts'
import { outlookOf, type Undecided } from './outlook'
import type { Policy } from './policy'
import type { PromotionVerdict } from './promotion'
import type { Service } from './service'
import type { SignatureVerdict } from './signature'
import { type Line, nextEnd } from './supported'
import { walk } from './walk'

/** A registry's answer to one repository's tag list, or why there is none. */
export type TagsRead =
  | { kind: 'list'; tags: string[]; /** how many tags the last trusted list had */ lastCount?: number }
  | { kind: 'error'; /** REGISTRY_… */ code: string; message: string }

export interface DecideInput {
  service: Service
  /** the first one that selects the service */
  policy?: Policy
  tags: TagsRead
  /** a person accepted the list as it is now */
  accepted?: boolean
  /** running tags whose absence from the list a person accepted */
  acceptedMissing?: readonly string[]
  /** this service's live quarantine */
  quarantined: readonly { tag: string; digest: string; reason?: string }[]
  /** in words: the upgrade that waits for a person's repair */
  heldBy?: string
  /** supported lines of this image; empty = nothing is said of it */
  lines: readonly Line[]
  /** what strategy `release` aims at, with the hub release's name */
  releaseTarget?: { release: string; tag: string }
  /** security marks of this service: tag -> ; one with a digest is for that digest only */
  marks: Readonly<Record<string, { reason: string; digest?: string }>>
  /** of the nodes that run its pods; empty = unknown, nothing is checked */
  nodePlatforms: readonly string[]
  /** epoch ms */
  now: number
}

/** What Refit's own clock knows of a tag; instants in epoch ms. */
export interface TagSeen {
  firstSeenAt: number
  /** met in the repository's first scan */
  baseline: boolean
  /** last digest that was looked up, and since when it is known to be this one, unless that is from the beginning */
  digest?: string
  digestSince?: number
}

/** All that was looked up so far. A key that is absent was not asked yet; null = asked, does not exist. */
export interface Facts {
  /** tag -> ; all that the strategy allows when the policy has age rules, else {} */
  seen: Readonly<Record<string, TagSeen>>
  /** tag -> digest */
  digests: Readonly<Record<string, string | null>>
  /** digest -> */
  images: Readonly<Record<string, ImageFacts | null>>
  /** digest -> reason */
  rejected: Readonly<Record<string, string | null>>
  /** digest -> ; what another hub says of it */
  promotions?: Readonly<Record<string, PromotionVerdict>>
  /** digest -> ; what the signatures in its registry say, by the policy's rules */
  signatures?: Readonly<Record<string, SignatureVerdict>>
  /** in words: reading digests or images failed */
  error?: string
}

export type Step =
  | {
      kind: 'decided'
      decision: Decision
      /** decide again then, although nothing else changed; epoch ms */
      revisitAt?: number
      /** the tag list can be trusted: the next one is measured by it */
      trusted: boolean
      /** tag whose digest decides whether anything changed */
      watchedTag?: string
    }
  | {
      kind: 'look-up'
      /** tag */
      digestOf?: string
      imageOf?: { tag: string; digest: string }
      /** digest */
      rejectionOf?: string
      /** digest */
      promotionOf?: string
      /** digest */
      signatureOf?: string
    }

/**
 * One step towards a scan's verdict on one service: decided, or what must be looked up first. Ask again with the answer
 * added to `facts`, and with the same `input` object: what was worked out of its tag list is kept beside it. Ends after
 * at most about six look-ups in the registry, and twenty digests more where ages count.
 */
export function decide(input: DecideInput, facts: Facts): Step {
  const step = nextStep(input, facts)
  const end = nextEnd(input.lines, input.now)
  if (step.kind !== 'decided' || end === undefined || !input.policy) return step
  return { ...step, revisitAt: Math.min(step.revisitAt ?? Infinity, end) }
}

/** The tags whose clocks the decision may ask for: a repository may have many more. */
export function agedTags(input: DecideInput): readonly string[] {
  const outlook = outlookOf(input)
  if (outlook.kind === 'decided') return []
  return outlook.policy.strategy === 'digest' ? [outlook.running.tag] : outlook.eligible
}

function nextStep(input: DecideInput, facts: Facts): Step {
  const outlook = outlookOf(input)
  if (outlook.kind === 'decided') return outlook.step
  const step = decideOpen(input, outlook, facts)
  if (step.kind === 'decided' || facts.error === undefined) return step
  return { kind: 'decided', decision: outlook.say('registry-error', facts.error), trusted: true }
}

function decideOpen(input: DecideInput, outlook: Undecided, facts: Facts): Step {
  const moved = outlook.policy.strategy === 'digest' ? withMovedTag(outlook, facts) : outlook
  if (moved.kind === 'look-up') return moved
  const search = walk(input, moved, facts)
  switch (search.kind) {
    case 'look-up':
      return search.step
    case 'candidate':
      return concludeCandidate(input, moved, facts, search)
    case 'none':
      return search.passed.length > 0 ? concludeHeld(input, moved, search.passed) : concludeNothing(input, moved, facts)
  }
}

/** A moving tag is its own successor once its digest is another than the running one. */
function withMovedTag(outlook: Undecided, { digests }: Facts): Undecided | Extract<Step, { kind: 'look-up' }> {
  const { tag, digest } = outlook.running
  if (!Object.hasOwn(digests, tag)) return { kind: 'look-up', digestOf: tag }
  return digests[tag] && digests[tag] !== digest ? { ...outlook, eligible: [tag] } : outlook
}
