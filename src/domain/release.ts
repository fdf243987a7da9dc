import type { ApprovalRules } from './policy'
import type { ServiceName } from './release-order'
import { canonical } from './plan'

/** A version of the hub as somebody wrote it down: what runs in which version, and what goes first. */
export interface ReleaseDefinition {
  /** such as 17.1.0 */
  release: string
  /** image path without registry, its last segment, or a glob → tag */
  services: Readonly<Record<string, string>>
  /** what must run elsewhere: image path or its last segment → range, such as >=2.0.0 */
  requires: Readonly<Record<string, string>>
  order: readonly { first: string; then: readonly string[] }[]
  /** where it comes from, in words */
  source: string
  /** what its chart changes beyond images, one line each; a release with any needs `accepted` */
  differences?: readonly string[]
  /** who accepted the differences */
  accepted?: string
  /** services that it names and that don't run are skipped instead of refused */
  skipMissing?: boolean
}

/** Why a release can't be carried out; all of them are named at once. */
export interface ReleaseRefusal {
  kind:
    | 'unknown-service'
    | 'ambiguous'
    | 'backwards'
    | 'unwatched'
    | 'watch'
    | 'cycle'
    | 'unknown-in-order'
    | 'requires'
    | 'not-in-registry'
    | 'quarantined'
    | 'underway'
    | 'behind-held'
    | 'no-plan'
    | 'promotion'
    | 'unsigned'
    | 'approval-rules'
    | 'needs-chart'
    | 'empty'
  /** without a full stop */
  reason: string
  /** what to do, a sentence */
  next: string
}

/** A service that the release names and leaves as it is. */
export interface SkippedService {
  /** namespace/name; what the release calls it where it doesn't run */
  service: string
  why: 'already-there' | 'held' | 'missing'
  reason: string
}

/** One service that the release upgrades. */
export interface ReleaseTarget extends ServiceName {
  from: string
  to: string
  /** from 0 */
  wave: number
  /** `namespace/name` of what goes before it, also where something that is skipped stands between */
  after: readonly string[]
}

/** What `releases` of refit.yaml said when the release was planned: a change afterwards changes nothing of it. */
export interface ReleaseRules {
  /** one approval for all of it, or each service asks for itself */
  approval: 'once' | 'each'
  /** what happens to what the release upgraded before a failure */
  onFailure: 'rollback' | 'hold'
}

/** One step of a release, with its plan. */
export interface ReleaseStep extends ReleaseTarget {
  digest: string
  planHash: string
}

/** What a release's approval binds to: every plan in its order. */
export const canonicalRelease = (release: string, steps: readonly ReleaseStep[]): string =>
  canonical({
    release,
    steps: steps.map(({ namespace, name, wave, planHash }) => ({ namespace, name, wave, planHash })),
  })

/** What a definition is kept under. */
export const canonicalDefinition = (definition: ReleaseDefinition): string => canonical(definition)

/** Names go into workflow ids and commands. */
export const releaseNamePattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/

/**
 * What one approval of several plans takes: the strictest of each rule. Refused where no single vote could satisfy all
 * of them.
 */
export function strictestRules(
  all: readonly ApprovalRules[],
): { kind: 'rules'; rules: ApprovalRules } | { kind: 'refused'; reason: string } {
  const asking = all.filter(({ required }) => required > 0)
  const groupLists = asking.map(({ groups }) => groups).filter((groups) => groups.length > 0)
  const groups = groupLists.reduce(
    (common, each) => common.filter((group) => each.includes(group)),
    groupLists[0] ?? [],
  )
  if (groupLists.length > 0 && groups.length === 0)
    return {
      kind: 'refused',
      reason: `its policies want approvals of different groups (${[...new Set(groupLists.flat())].sort().join(', ')})`,
    }
  const references = asking.flatMap(({ changeReference }) => (changeReference ? [changeReference] : []))
  const patterns = [...new Set(references.flatMap(({ pattern }) => (pattern === undefined ? [] : [pattern])))]
  if (patterns.length > 1)
    return {
      kind: 'refused',
      reason: `its policies want change references of different patterns (${patterns.join(', ')})`,
    }
  return {
    kind: 'rules',
    rules: {
      required: Math.max(0, ...asking.map(({ required }) => required)),
      expiresMs: Math.min(...(asking.length > 0 ? asking.map(({ expiresMs }) => expiresMs) : [0])),
      escalateMs: Math.max(0, ...asking.map(({ escalateMs }) => escalateMs)),
      unverified: asking.some(({ unverified }) => unverified === 'refuse') ? 'refuse' : 'accept',
      makerChecker: asking.some(({ makerChecker }) => makerChecker),
      groups,
      ...(references.length > 0
        ? {
            changeReference: {
              required: references.some(({ required }) => required),
              ...(patterns[0] === undefined ? {} : { pattern: patterns[0] }),
            },
          }
        : {}),
    },
  }
}
