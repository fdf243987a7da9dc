import type { Mode } from './policy'

/** Why a tag was chosen or passed over. */
export interface TagExplanation {
  tag: string
  verdict:
    | 'chosen'
    | 'running'
    | 'older'
    | 'not-a-version'
    | 'floating'
    | 'pre-release'
    | 'other-suffix'
    | 'other-precision'
    | 'outside-strategy'
    | 'superseded'
    | 'quarantined'
  /** a sentence for a person */
  reason: string
}

export interface Candidate {
  tag: string
  /** sha256:… of the manifest or index that the tag pointed to when it was read */
  digest: string
}

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
  /** every tag of the repository, newest first; at most 1,000 kept */
  tags: TagExplanation[]
}
