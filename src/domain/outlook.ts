import type { DecideInput, Step, TagsRead } from './decide'
import type { Decision, DecisionKind, TagExplanation } from './decision'
import type { Policy } from './policy'
import { type Running, runningOf } from './running'
import type { Service } from './service'
import { isLive } from './supported'
import { judgeTags, label, type TagJudgement, type TagQuestion } from './tag-policy'
import { wordList } from './text'
import { lineProblem } from './unsupported'
import { type Objection, strategyWords } from './version-rules'

/** What can be said of a service before anything is looked up. */
export type Outlook = { kind: 'decided'; step: Extract<Step, { kind: 'decided' }> } | Undecided

/** The tag list is good, and what the strategy allows is known: digests, ages and images decide. */
export interface Undecided extends TagJudgement {
  kind: 'undecided'
  policy: Policy
  running: Running
  /** what is said beside every reason; empty mostly */
  remark: string
  /** the running tag stands in the list */
  listed: boolean
  /** a decision with these tags passed over and this one taken */
  say: Say
}

export type Say = (
  kind: DecisionKind,
  reason: string,
  more?: Partial<Decision>,
  taken?: { chosen?: string; passed?: ReadonlyMap<string, Objection> },
) => Decision

const keptTags = 1_000
/** A list that lost more than half of its tags, and at least this many, is not believed. */
const lostAtLeast = 3

const known = new WeakMap<DecideInput, Outlook>()
/** By list, then by question: services of one repository, policy and version share what a long list was judged to be. */
const judgements = new WeakMap<readonly string[], Map<string, TagJudgement>>()

function judgeOnce({ tags, ...rest }: TagQuestion): TagJudgement {
  const ofList = judgements.get(tags) ?? new Map<string, TagJudgement>()
  judgements.set(tags, ofList)
  const key = JSON.stringify(rest)
  const judged = ofList.get(key) ?? judgeTags({ tags, ...rest })
  ofList.set(key, judged)
  return judged
}

/** Made once per input: a step is asked for after each look-up, and a list may be long. */
export function outlookOf(input: DecideInput): Outlook {
  const outlook = known.get(input) ?? makeOutlook(input)
  known.set(input, outlook)
  return outlook
}

function makeOutlook(input: DecideInput): Outlook {
  const { policy, tags: read } = input
  const running = runningOf(input.service, policy?.strategy ?? 'bugfix')
  if (!policy) return refused({ kind: 'unwatched', reason: 'no policy selects it' }, sayer(input, running, []))
  const early = withoutList(input, policy, running)
  if (early) return refused(early, sayer(input, running, []))
  if (read.kind === 'error') return refused(unreadable(read), sayer(input, running, []))

  const judged = judgedTags(input, policy, running, read.tags)
  const refusal = refusalOf(input, policy, running, read)
  if (refusal) return refused(refusal, sayer(input, running, notOffered(judged.explanations, refusal)))
  return {
    ...judged,
    kind: 'undecided',
    policy,
    running,
    remark: running.tags.length > 1 ? `; its workloads run ${wordList(running.tags)}` : '',
    listed: read.tags.includes(running.tag),
    say: sayer(input, running, judged.explanations),
  }
}

type List = Extract<TagsRead, { kind: 'list' }>

/** Why nothing of a service is offered. */
interface Refusal {
  kind: DecisionKind
  reason: string
  /** of the tags that the strategy allows; `superseded` unless given */
  verdict?: TagExplanation['verdict']
  /** the tag list can be trusted all the same */
  trusted?: boolean
  /** the list itself is doubted: a person may accept it */
  doubted?: true
}

const refused = ({ kind, reason, trusted = false, doubted }: Refusal, say: Say): Outlook => ({
  kind: 'decided',
  step: { kind: 'decided', decision: say(kind, reason, doubted ? { doubted } : {}), trusted },
})

function sayer(input: DecideInput, running: Running, explanations: readonly TagExplanation[]): Say {
  const { service, policy } = input
  const lines = liveRanges(input)
  return (kind, reason, more = {}, taken = {}) => ({
    namespace: service.namespace,
    service: service.name,
    repository: service.repository,
    kind,
    current: running.tag,
    ...(running.digest === undefined ? {} : { currentDigest: running.digest }),
    reason,
    ...(policy ? { policy: policy.name, mode: policy.mode, strategy: strategyWords(policy.strategy) } : {}),
    ...(lines.length > 0 ? { lines } : {}),
    ...more,
    tags: policy ? kept(explanations, policy, running.tag, taken) : [],
  })
}

/** What stands in the way whatever the registry lists. */
function withoutList({ service }: DecideInput, { strategy }: Policy, running: Running): Refusal | undefined {
  if (running.tags.length === 0 && !hasApplication(service))
    return { kind: 'not-deployed', reason: running.problem ?? '' }
  if (running.problem !== undefined) return { kind: 'unparseable', reason: running.problem }
  if (strategy === 'digest' && running.digest === undefined)
    return {
      kind: 'unparseable',
      reason: `nobody can tell which digest of ${running.tag} runs: ${digestsWords(service)}`,
    }
  return undefined
}

const unreadable = ({ code, message }: Extract<TagsRead, { kind: 'error' }>): Refusal => ({
  kind: code === 'REGISTRY_NOT_FOUND' ? 'unknown-image' : 'registry-error',
  reason: message,
})

function judgedTags(input: DecideInput, policy: Policy, { tag }: Running, tags: readonly string[]): TagJudgement {
  const { strategy, prerelease, hotfixes } = policy
  const question = { current: tag, tags, strategy, prerelease, hotfixes, lines: liveRanges(input) }
  return judgeOnce({ ...question, target: input.releaseTarget })
}

/** Why nothing of a list is offered, whatever the strategy allows of it. */
function refusalOf(input: DecideInput, policy: Policy, running: Running, list: List): Refusal | undefined {
  const { accepted = false, acceptedMissing = [] } = input
  const expected = running.tags.filter((tag) => !acceptedMissing.includes(tag))
  const doubt = accepted ? undefined : doubtAbout(list, expected)
  if (doubt) return { kind: 'suspicious', reason: doubt, doubted: true }
  const problem = releaseProblem(input, policy, list.tags) ?? lineProblem(input, policy, running)
  if (!problem) return undefined
  return { ...problem, trusted: true, ...(problem.kind === 'unsupported' ? { verdict: 'unsupported-line' } : {}) }
}

const liveRanges = ({ lines, now }: DecideInput): string[] =>
  lines.filter((line) => isLive(line, now)).map(({ range }) => range)

const hasApplication = ({ workloads }: Service): boolean =>
  workloads.some(({ containers }) => containers.some(({ init }) => !init))

const digestsWords = ({ runningDigests }: Service): string =>
  runningDigests.length === 0 ? 'no pod tells' : `its pods run ${wordList(runningDigests)}`

/** Law 1: a thin list changes nothing until a person accepts it. */
function doubtAbout({ tags, lastCount }: List, running: string[]): string | undefined {
  const listed = new Set(tags)
  if (listed.size === 0) return 'the registry lists no tags at all'
  const lost = lastCount === undefined ? 0 : lastCount - listed.size
  if (lastCount !== undefined && lost >= lostAtLeast && lost * 2 > lastCount)
    return `the list shrank from ${lastCount} tags to ${listed.size}`
  const missing = running.filter((tag) => !listed.has(tag))
  return missing.length > 0 ? `the list lacks the running tag ${wordList(missing)}` : undefined
}

/** Strategy `release` can say nothing of an image that no supported release names, nor aim at what isn't published. */
function releaseProblem(
  { releaseTarget, service }: DecideInput,
  { strategy }: Policy,
  tags: readonly string[],
): { kind: DecisionKind; reason: string } | undefined {
  if (strategy !== 'release') return undefined
  if (!releaseTarget)
    return { kind: 'unsupported', reason: `no supported release of the bill of materials names ${service.repository}` }
  if (tags.includes(releaseTarget.tag)) return undefined
  return {
    kind: 'suspicious',
    reason: `release ${releaseTarget.release} names ${releaseTarget.tag}, which the registry does not list`,
  }
}

/** When nothing may be offered, what the strategy allows is not chosen either. */
const notOffered = (
  explanations: readonly TagExplanation[],
  { reason, verdict = 'superseded' }: Refusal,
): TagExplanation[] =>
  explanations.map((each) =>
    each.verdict === 'chosen' ? { ...each, verdict, reason: `not offered: ${reason}` } : each,
  )

/** Newest first; what was taken, what runs and the first that were passed over stay in however long the list is. */
function kept(
  explanations: readonly TagExplanation[],
  { strategy }: Policy,
  current: string,
  { chosen, passed = new Map() }: NonNullable<Parameters<Say>[3]>,
): TagExplanation[] {
  const first = new Set([chosen, current, ...[...passed.keys()].slice(0, keptTags / 10)])
  const telling = explanations.flatMap(({ tag }, index) => (first.has(tag) ? [index] : []))
  let head = keptTags
  while (head + telling.filter((index) => index >= head).length > keptTags) head -= 1
  const tail = telling.filter((index) => index >= head).map((index) => explanations[index] as TagExplanation)
  return label([...explanations.slice(0, head), ...tail], { chosen, passed, allowed: strategyWords(strategy), current })
}
