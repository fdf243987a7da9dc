import type { Decision, DecisionKind, TagExplanation } from './decision'
import type { ImageFacts } from './image-facts'
import type { Policy } from './policy'
import { runningOf } from './running'
import type { Service } from './service'
import type { Line } from './supported'
import { explainTags, nameOf } from './tag-policy'
import { wordList } from './text'

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
  /** security marks of this service: tag -> reason */
  marks: Readonly<Record<string, string>>
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
  /** last digest that was looked up, and since when it is this one, if it ever changed */
  digest?: string
  digestSince?: number
}

/** All that was looked up so far. A key that is absent was not asked yet; null = asked, does not exist. */
export interface Facts {
  /** tag -> ; all of the repository when the policy has age rules, else {} */
  seen: Readonly<Record<string, TagSeen>>
  /** tag -> digest */
  digests: Readonly<Record<string, string | null>>
  /** digest -> */
  images: Readonly<Record<string, ImageFacts | null>>
  /** digest -> reason */
  rejected: Readonly<Record<string, string | null>>
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
    }

interface ChooseInput {
  service: Service
  /** the first one that selects the service */
  policy?: Policy
  tags: TagsRead
  /** this service's live quarantine */
  quarantined: readonly { tag: string; digest: string; reason?: string }[]
  /** in words: the upgrade that waits for a person's repair */
  heldBy?: string
}

/** A decision but for the digests, which only the registry knows. */
export interface PreDecision {
  /** complete, unless one of the tags below must be looked up */
  decision: Decision
  /** look up the digest of this tag, to offer it */
  wantedTag?: string
  /** look up the digest of this tag, to see whether it was pushed again */
  runningTag?: string
  /** how many tags a list had that can be trusted: the next one is measured by it */
  trustedTagCount?: number
  service: Service
  quarantined: ChooseInput['quarantined']
  heldBy?: string
  helmDrift: Policy['helmDrift']
}

/** What the look-ups brought; a digest is undefined when the registry has no such manifest. */
export type Digests =
  | { candidateDigest?: string; runningTagDigest?: string; /** in words: who rejected this digest */ rejected?: string }
  | { error: string }

const keptTags = 1_000
/** A list that lost more than half of its tags, and at least this many, is not believed. */
const lostAtLeast = 3

/** First half of a scan's verdict on one service: everything that needs no digest. */
export function chooseCandidate(input: ChooseInput): PreDecision {
  const { service, policy, tags: read, quarantined, heldBy } = input
  const running = runningOf(service)
  const rest = {
    service,
    quarantined,
    ...(heldBy === undefined ? {} : { heldBy }),
    helmDrift: policy?.helmDrift ?? ('refuse' as const),
  }
  const decide = (kind: DecisionKind, reason: string, tags: TagExplanation[] = []): Decision => ({
    namespace: service.namespace,
    service: service.name,
    repository: service.repository,
    kind,
    current: running.tag,
    ...(running.digest === undefined ? {} : { currentDigest: running.digest }),
    reason,
    ...(policy ? { policy: policy.name, mode: policy.mode } : {}),
    tags,
  })

  if (!policy) return { ...rest, decision: decide('unwatched', 'no policy selects it') }
  if (running.tags.length === 0 && !hasApplication(service))
    return { ...rest, decision: decide('not-deployed', running.problem ?? '') }
  if (running.problem !== undefined) return { ...rest, decision: decide('unparseable', running.problem) }
  if (read.kind === 'error') {
    const unknown = read.code === 'REGISTRY_NOT_FOUND'
    return { ...rest, decision: decide(unknown ? 'unknown-image' : 'registry-error', read.message) }
  }

  const { strategy, prerelease } = policy
  const { chosen, explanations } = explainTags({ current: running.tag, tags: read.tags, strategy, prerelease })
  const kept = keepTags(explanations)
  const doubt = doubtAbout(read, running.tags)
  if (doubt) return { ...rest, decision: decide('suspicious', doubt, kept) }
  const mixed = running.tags.length > 1 ? `; its workloads run ${wordList(running.tags)}` : ''
  const trusted = { ...rest, trustedTagCount: new Set(read.tags).size }
  if (chosen !== undefined)
    return {
      ...trusted,
      wantedTag: chosen,
      decision: decide(
        'candidate',
        `${chosen} is the newest that ${nameOf(strategy)} allows from ${running.tag}${mixed}`,
        kept,
      ),
    }
  return {
    ...trusted,
    runningTag: running.tag,
    decision: decide('up-to-date', `${running.tag} is the newest that ${nameOf(strategy)} allows${mixed}`, kept),
  }
}

const hasApplication = ({ workloads }: Service): boolean =>
  workloads.some(({ containers }) => containers.some(({ init }) => !init))

/** Law 1: a thin list changes nothing until a person accepts it. */
function doubtAbout({ tags, lastCount }: Extract<TagsRead, { kind: 'list' }>, running: string[]): string | undefined {
  const listed = new Set(tags)
  if (listed.size === 0) return 'the registry lists no tags at all'
  const lost = lastCount === undefined ? 0 : lastCount - listed.size
  if (lastCount !== undefined && lost >= lostAtLeast && lost * 2 > lastCount)
    return `the list shrank from ${lastCount} tags to ${listed.size}`
  const missing = running.filter((tag) => !listed.has(tag))
  return missing.length > 0 ? `the list lacks the running tag ${wordList(missing)}` : undefined
}

/** Newest first; what was chosen and what runs stay in however long the list is. */
function keepTags(explanations: TagExplanation[]): TagExplanation[] {
  if (explanations.length <= keptTags) return explanations
  const telling = explanations
    .slice(keptTags - 2)
    .filter(({ verdict }) => verdict === 'chosen' || verdict === 'running')
  return [...explanations.slice(0, keptTags - 2), ...telling]
}

/** Second half: with the digests that `chooseCandidate` asked for. Says `held` with every reason that holds it. */
export function concludeDecision(pre: PreDecision, digests: Digests): Decision {
  const { decision, wantedTag, runningTag, service, heldBy } = pre
  if (wantedTag === undefined && runningTag === undefined) return decision
  if ('error' in digests) return { ...decision, kind: 'registry-error', reason: digests.error }
  if (wantedTag !== undefined) return concludeCandidate(pre, wantedTag, digests)
  if (heldBy !== undefined) return { ...decision, kind: 'held', reason: heldBy }
  const { runningTagDigest } = digests
  if (runningTagDigest === undefined)
    return { ...decision, kind: 'suspicious', reason: `the registry lists ${runningTag} but has no manifest for it` }
  if (service.runningDigests.length === 0 || service.runningDigests.includes(runningTagDigest)) return decision
  return {
    ...decision,
    kind: 'rebuilt',
    reason: `${runningTag} was pushed again: the registry has ${runningTagDigest}, the pods run ${wordList(service.runningDigests)}`,
  }
}

function concludeCandidate(
  pre: PreDecision,
  tag: string,
  { candidateDigest, rejected }: Exclude<Digests, { error: string }>,
): Decision {
  const { decision, quarantined } = pre
  if (candidateDigest === undefined)
    return { ...decision, kind: 'suspicious', reason: `the registry lists ${tag} but has no manifest for it` }
  const candidate = { tag, digest: candidateDigest }
  const failed = quarantined.find(({ digest }) => digest === candidateDigest)
  const reasons = [
    pre.heldBy,
    failed && `${tag} is quarantined until a person lifts it${failed.reason ? `: ${failed.reason}` : ''}`,
    rejected && `${tag} is not offered again until its digest changes: ${rejected}`,
    ownerHolding(pre),
  ].filter((reason): reason is string => Boolean(reason))
  if (reasons.length === 0) return { ...decision, candidate }
  const tags = failed
    ? decision.tags.map((each) =>
        each.tag === tag
          ? { ...each, verdict: 'quarantined' as const, reason: failed.reason ?? 'failed before' }
          : each,
      )
    : decision.tags
  return { ...decision, kind: 'held', candidate, reason: reasons.join('; '), tags }
}

/** A template that another tool writes would be set back within minutes (Argo CD, Flux) or by the next release (Helm). */
function ownerHolding({ service, helmDrift }: PreDecision): string | undefined {
  for (const { name, owner } of service.workloads) {
    if (!owner || (owner.tool === 'helm' && helmDrift === 'accept')) continue
    const way = owner.tool === 'helm' ? 'change it there, or write helmDrift: accept in the policy' : 'change it there'
    return `owned by ${owner.tool} ${owner.name}: it would set ${name} back; ${way}`
  }
  return undefined
}
