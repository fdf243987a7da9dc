import type { Mode } from './policy'
import type { PromotionEvidence } from './promotion'

export const verdicts = [
  'chosen',
  'running',
  'older',
  'not-a-version',
  'floating',
  'pre-release',
  'other-suffix',
  'other-precision',
  'outside-strategy',
  'superseded',
  'quarantined',
  'filtered',
  'too-young',
  'settling',
  'unsupported-line',
  'not-in-release',
  'other-platform',
  'no-manifest',
  'rejected',
  'not-promoted',
  'unsigned',
  'bad-signature',
] as const

/** Why a tag was chosen or passed over. */
export interface TagExplanation {
  tag: string
  verdict: (typeof verdicts)[number]
  /** a sentence for a person */
  reason: string
}

export interface Candidate {
  tag: string
  /** sha256:… of the manifest or index that the tag pointed to when it was read */
  digest: string
  /** why a person marked this version as a security fix: ages don't hold it back */
  security?: string
  /** since when its age is counted, epoch ms, and by whose clock */
  since?: { at: number; source: 'refit' | 'publisher' }
  /** where and since when it has proved itself, under a policy with `promote` */
  promoted?: PromotionEvidence
  /** whose signature was found good, in words, under a policy with `signatures` */
  signedBy?: string
  /** what the image says of itself: text and https links only, never more than that */
  changes?: Changes
}

/** What comes with a candidate, by its own labels: for people to look at, never to decide by. */
export interface Changes {
  source?: string
  /** the code between the running and the offered version, a URL */
  compare?: string
  /** a URL */
  releaseNotes?: string
  changelog?: string
  revision?: string
  /** epoch ms, by the publisher */
  created?: number
  version?: string
  /** breaking, security, feature or bugfix */
  change?: string
  /** files of data migrations that come with it, or none */
  migrations?: string
  /** what operators have to do */
  todo?: string
  /** in short */
  notes?: string
}

/** What holds a candidate back. */
export type Hold =
  'age' | 'quarantine' | 'rejection' | 'owner' | 'platform' | 'unsigned' | 'bad-signature' | 'promotion' | 'upgrade'

export const decisionKinds = [
  'up-to-date',
  'candidate',
  'held',
  'unsupported',
  'rebuilt',
  'suspicious',
  'unknown-image',
  'unparseable',
  'registry-error',
  'not-deployed',
  'unwatched',
] as const
export type DecisionKind = (typeof decisionKinds)[number]

/** The image couldn't be read, or what was read can't be believed: a scan with one of these is not complete. */
export const unreadKinds: ReadonlySet<DecisionKind> = new Set(['registry-error', 'unknown-image', 'suspicious'])
/** Nothing can be said of the service: also where the running tag can't be compared. */
export const unjudgedKinds: ReadonlySet<DecisionKind> = new Set([...unreadKinds, 'unparseable'])

/** What a scan says of one service. */
export interface Decision {
  namespace: string
  service: string
  repository: string
  kind: DecisionKind
  /** the running tag of the application containers (the lowest when they differ); empty when it has none */
  current: string
  currentDigest?: string
  /** for `candidate`, and for `held` when a candidate exists */
  candidate?: Candidate
  /** a sentence for a person: why this decision */
  reason: string
  policy?: string
  mode?: Mode
  /** the policy's strategy in words */
  strategy?: string
  /** for `held` */
  holds?: Hold[]
  /** when the age that holds it ends, epoch ms */
  holdUntil?: number
  /** tags with a signature that can't be trusted, each with the reason in words: somebody must look at them */
  badSignatures?: { digest: string; reason: string }[]
  /** for `suspicious`: the tag list itself is doubted, so that a person may accept it */
  doubted?: true
  /** ranges of the supported lines of this image */
  lines?: string[]
  /** every tag of the repository, newest first; at most 1,000 kept */
  tags: TagExplanation[]
}

/** A decision but for the explanations of its tags, which are many. */
export type ShortDecision = Omit<Decision, 'tags'>
