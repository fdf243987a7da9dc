import semver from 'semver'
import type { TagExplanation } from './decision'
import type { Strategy } from './policy'
import { compareVersions, parseVersion, type Version } from './version'

export interface TagQuestion {
  current: string
  tags: readonly string[]
  strategy: Strategy
  /** `none`, or the one channel that is followed */
  prerelease: string
  /** tags whose digest failed before */
  quarantined?: readonly string[]
}

export interface TagAnswer {
  /** strictly newer than current; undefined when nothing is */
  chosen?: string
  /** every tag, newest first, the unreadable ones last */
  explanations: TagExplanation[]
}

/** Words that registries move from image to image. */
const floating = /^(latest|stable|edge|main|master|develop|nightly|snapshot|canary|lts|(major|minor|patch)-.+)$/i

/**
 * Chooses the newest tag that the strategy allows, and says of every other one why not. At the seven points where
 * systems differ (docs/concepts.md) it takes the careful side: no pre-release by accident, no other flavour, precision or
 * prefix, never the same or an older version.
 */
export function explainTags({ current, tags, strategy, prerelease, quarantined = [] }: TagQuestion): TagAnswer {
  const running = parseVersion(current)
  const blocked = new Set(quarantined)
  const versions: Version[] = []
  const unread: TagExplanation[] = []
  for (const tag of new Set(tags)) {
    const version = parseVersion(tag)
    if (version) versions.push(version)
    else
      unread.push(
        floating.test(tag)
          ? { tag, verdict: 'floating', reason: 'moves from image to image' }
          : { tag, verdict: 'not-a-version', reason: 'not a version such as 1.2.3' },
      )
  }
  versions.sort((a, b) => compareVersions(b, a))

  let chosen: string | undefined
  const explanations = versions.map((version): TagExplanation => {
    const { tag } = version
    if (tag === current) return { tag, verdict: 'running', reason: 'runs now' }
    const against = running ? objection(version, running, strategy, prerelease) : undefined
    if (against) return { tag, ...against }
    if (!running) return { tag, verdict: 'not-a-version', reason: `the running tag ${current} is not a version` }
    if (blocked.has(tag))
      return { tag, verdict: 'quarantined', reason: 'failed before; lift the quarantine to offer it again' }
    if (chosen !== undefined) return { tag, verdict: 'superseded', reason: `${chosen} is newer` }
    chosen = tag
    return { tag, verdict: 'chosen', reason: `newest that ${nameOf(strategy)} allows from ${current}` }
  })
  return { ...(chosen === undefined ? {} : { chosen }), explanations: [...explanations, ...unread] }
}

type Objection = Pick<TagExplanation, 'verdict' | 'reason'>

function objection(version: Version, running: Version, strategy: Strategy, prerelease: string): Objection | undefined {
  if (version.prefix !== running.prefix)
    return {
      verdict: 'other-precision',
      reason: version.prefix
        ? `begins with ${version.prefix}, unlike ${running.tag}`
        : `lacks the ${running.prefix} of ${running.tag}`,
    }
  if (precisionOf(version) !== precisionOf(running))
    return {
      verdict: 'other-precision',
      reason: `has ${precisionOf(version)} numbers, ${running.tag} has ${precisionOf(running)}`,
    }
  if (version.suffix !== running.suffix)
    return {
      verdict: 'other-suffix',
      reason: running.suffix ? `is not -${running.suffix}, which runs` : `is the ${version.suffix} flavour`,
    }
  if (compareVersions(version, running) <= 0) return { verdict: 'older', reason: `not newer than ${running.tag}` }
  return channelObjection(version, running, prerelease) ?? strategyObjection(version, running, strategy, prerelease)
}

function channelObjection(version: Version, running: Version, prerelease: string): Objection | undefined {
  const { channel } = version
  if (channel === '') return undefined
  if (channel !== prerelease.toLowerCase())
    return {
      verdict: 'pre-release',
      reason:
        prerelease === 'none'
          ? `pre-release (${channel}); the policy takes none`
          : `pre-release of channel ${channel}, not ${prerelease}`,
    }
  const sameRelease = running.numbers.every((each, i) => each === version.numbers[i])
  // Between two channels of one release only the alphabet would decide.
  if (sameRelease && running.channel !== '' && running.channel !== channel)
    return { verdict: 'pre-release', reason: `channel ${channel} has no order with ${running.channel}, which runs` }
  return undefined
}

function strategyObjection(
  version: Version,
  running: Version,
  strategy: Strategy,
  prerelease: string,
): Objection | undefined {
  if (version.hotfix && strategy !== 'patch' && version.hotfix !== prerelease)
    return {
      verdict: 'outside-strategy',
      reason: `a hot-fix of ${version.numbers.slice(0, 3).join('.')}; only strategy patch takes it`,
    }
  if (!within(version, running, strategy))
    return { verdict: 'outside-strategy', reason: `beyond ${nameOf(strategy)} from ${running.tag}` }
  return undefined
}

/** A hot-fix stands beside its release; two numbers and three are different habits and never compared. */
const precisionOf = ({ numbers }: Version): number => Math.min(numbers.length, 3)

function within(version: Version, running: Version, strategy: Strategy): boolean {
  const same = (count: number): boolean =>
    running.numbers.slice(0, count).every((each, i) => each === version.numbers[i])
  switch (strategy) {
    case 'patch':
      return same(3)
    case 'bugfix':
      return same(2)
    case 'minor':
      return same(1)
    case 'major':
      return true
    case 'digest':
    case 'release':
      return false
    default: {
      if (!('range' in strategy)) return false
      const [major = 0, minor = 0, bugfix = 0] = version.numbers
      // The channel was checked already; without this, semver hides every pre-release of another x.y.z.
      return semver.satisfies(`${major}.${minor}.${bugfix}`, strategy.range)
    }
  }
}

/** How a strategy is named to a person; `patch` is image-watcher's word and needs saying. */
export function nameOf(strategy: Strategy): string {
  if (typeof strategy === 'object')
    return 'range' in strategy ? `range ${strategy.range}` : `${strategy.order} order of ${strategy.filter}`
  return strategy === 'patch' ? 'patch (hot-fixes of the same x.y.z)' : strategy
}
