import type { TagExplanation } from './decision'
import type { Strategy } from './policy'
import { shown, type Unread } from './tag'
import { isPlaced, orderOf, type Placed } from './tag-order'
import { type Objection, strategyWords, versionObjection } from './version-rules'

export interface TagQuestion {
  current: string
  tags: readonly string[]
  strategy: Strategy
  /** `none`, or the one channel that is followed */
  prerelease: string
  hotfixes?: 'ignore' | 'accept'
  /** ranges of the supported lines; empty = every line */
  lines?: readonly string[]
  /** what strategy `release` aims at */
  target?: { release: string; tag: string }
}

export interface TagJudgement {
  /** what the strategy allows, newest first: strictly newer than what runs, by the strategy's own order */
  eligible: string[]
  /** every tag once, newest first, what can't be compared last; eligible ones have verdict `chosen` until one is taken */
  explanations: TagExplanation[]
}

/**
 * Judges every tag by a policy's strategy, before ages and digests are looked at. Takes time in proportion to the list;
 * a tag that is too long to be one is not read. CONFIG_INVALID for a filter that config/ would refuse.
 */
export function judgeTags(question: TagQuestion): TagJudgement {
  const { current, strategy } = question
  const order = orderOf(strategy)
  const running = order.read(current)
  const objection = isPlaced(running) ? objectionOf(question, running) : notComparable(current, running)
  const placed: Placed[] = []
  const unread: TagExplanation[] = []
  for (const tag of new Set(question.tags)) {
    const read = order.read(tag)
    if (isPlaced(read)) placed.push(read)
    else unread.push({ tag: shown(tag), ...read })
  }
  // Of two that are the same to the order, the list's own order must not decide.
  placed.sort((a, b) => order.compare(b, a) || (a.tag < b.tag ? -1 : 1))

  const eligible: string[] = []
  const explanations = placed.map((each): TagExplanation => {
    const { tag } = each
    if (tag === current) return { tag, verdict: 'running', reason: 'runs now' }
    const against = objection(each)
    if (against) return { tag, ...against }
    eligible.push(tag)
    return { tag, verdict: 'chosen', reason: `allowed by ${strategyWords(strategy)} from ${current}` }
  })
  return { eligible, explanations: [...explanations, ...unread] }
}

const notComparable =
  (current: string, { verdict, reason }: Unread) =>
  (): Unread => ({
    verdict: 'not-a-version',
    reason: `the running tag ${current} ${whyNot({ verdict, reason })}`,
  })

/** Why a running tag can't be compared, after its name. */
export function whyNot({ verdict, reason }: Unread): string {
  if (verdict === 'filtered') return 'is not matched by the filter'
  return reason.startsWith('no ') ? `can't be compared: ${reason}` : 'is not a version'
}

/** What speaks against a tag, by the order that both were read in. */
function objectionOf(question: TagQuestion, running: Placed): (tag: Placed) => Objection | undefined {
  const { strategy, prerelease, hotfixes = 'ignore', lines = [], target } = question
  if (strategy === 'digest')
    return () => ({ verdict: 'outside-strategy', reason: `strategy digest stays on ${running.tag}` })
  const { compare } = orderOf(strategy)
  const older = (tag: Placed): Objection | undefined =>
    compare(tag, running) <= 0 ? { verdict: 'older', reason: `not newer than ${running.tag}` } : undefined
  if (strategy === 'release')
    return (tag) =>
      tag.tag === target?.tag
        ? older(tag)
        : {
            verdict: 'not-in-release',
            reason: target ? `release ${target.release} names ${target.tag}` : 'no supported release names this image',
          }
  if (running.version) {
    const objection = versionObjection(running.version, { strategy, prerelease, hotfixes, lines })
    return ({ version }) => (version ? objection(version) : undefined)
  }
  return (tag) =>
    tag.shape === running.shape
      ? older(tag)
      : { verdict: 'other-precision', reason: `is written unlike ${running.tag}, which runs` }
}

export interface TagAnswer {
  /** strictly newer than current; undefined when nothing is */
  chosen?: string
  /** every tag, newest first, the unreadable ones last */
  explanations: TagExplanation[]
}

/** The newest tag that the strategy allows, and why not every other one. */
export function explainTags(question: TagQuestion): TagAnswer {
  const { eligible, explanations } = judgeTags(question)
  const [chosen] = eligible
  return {
    ...(chosen === undefined ? {} : { chosen }),
    explanations: label(explanations, {
      chosen,
      passed: new Map(),
      allowed: strategyWords(question.strategy),
      current: question.current,
    }),
  }
}

/** Says of the eligible tags which one was taken, which were passed over and why; the others are superseded. */
export function label(
  explanations: readonly TagExplanation[],
  {
    chosen,
    passed,
    allowed,
    current,
  }: {
    chosen: string | undefined
    passed: ReadonlyMap<string, Objection>
    /** strategy in words */
    allowed: string
    current: string
  },
): TagExplanation[] {
  return explanations.map((each): TagExplanation => {
    const { tag } = each
    if (tag === chosen) return { tag, verdict: 'chosen', reason: `newest that ${allowed} allows from ${current}` }
    const against = passed.get(tag)
    if (against) return { tag, ...against }
    if (each.verdict !== 'chosen') return each
    return {
      tag,
      verdict: 'superseded',
      reason: chosen === undefined ? 'a newer one comes first' : `${chosen} is newer`,
    }
  })
}
