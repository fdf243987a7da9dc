import semver from 'semver'
import type { TagExplanation } from './decision'
import type { Strategy } from './policy'
import { compareVersions, type Version } from './version'

/** Why a version is not offered. */
export type Objection = Pick<TagExplanation, 'verdict' | 'reason'>

export interface VersionRules {
  strategy: Strategy
  /** `none`, or the one channel that is followed */
  prerelease: string
  hotfixes: 'ignore' | 'accept'
  /** ranges of the supported lines; empty = every line */
  lines: readonly string[]
}

/**
 * What speaks against moving from one version to another; undefined when nothing does. At the seven points where systems
 * differ (docs/concepts.md) it takes the careful side: no pre-release by accident, no other flavour, precision or prefix,
 * never the same or an older version.
 */
export function versionObjection(running: Version, rules: VersionRules): (version: Version) => Objection | undefined {
  const allowed = allowedBy(rules.strategy, running)
  const supported = rules.lines.map(inRange)
  return (version) =>
    unlike(version, running) ??
    older(version, running) ??
    otherChannel(version, running, rules.prerelease) ??
    unwantedHotfix(version, rules) ??
    (allowed(version) ? undefined : beyond(running, rules.strategy)) ??
    (supported.length === 0 || supported.some((holds) => holds(version)) ? undefined : offLine(rules.lines))
}

/** Whether a range holds a version's x.y.z: the channel is a rule of its own, and semver hides pre-releases of others. */
export function inRange(range: string): (version: Version) => boolean {
  const parsed = semver.validRange(range) === null ? undefined : new semver.Range(range)
  return ({ numbers: [major = 0, minor = 0, bugfix = 0] }) => parsed?.test(`${major}.${minor}.${bugfix}`) ?? false
}

/** Undefined when the two may be compared: the same way of writing versions, the same flavour. */
function unlike(version: Version, running: Version): Objection | undefined {
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
      reason: `has ${numbersIn(version)}, ${running.tag} has ${precisionOf(running)}`,
    }
  if (version.suffix !== running.suffix)
    return {
      verdict: 'other-suffix',
      reason: running.suffix ? `is not -${running.suffix}, which runs` : `is the ${version.suffix} flavour`,
    }
  return undefined
}

/** A hot-fix stands beside its release; one, two and three numbers are different habits and never compared. */
const precisionOf = ({ numbers }: Version): number => Math.min(numbers.length, 3)

const numbersIn = (version: Version): string =>
  `${precisionOf(version)} ${precisionOf(version) === 1 ? 'number' : 'numbers'}`

const older = (version: Version, running: Version): Objection | undefined =>
  compareVersions(version, running) <= 0 ? { verdict: 'older', reason: `not newer than ${running.tag}` } : undefined

function otherChannel({ channel, numbers }: Version, running: Version, prerelease: string): Objection | undefined {
  if (channel === '') return undefined
  if (channel !== prerelease.toLowerCase())
    return {
      verdict: 'pre-release',
      reason:
        prerelease === 'none'
          ? `pre-release (${channel}); the policy takes none`
          : `pre-release of channel ${channel}, not ${prerelease}`,
    }
  const sameRelease = running.numbers.every((each, i) => each === numbers[i])
  // Between two channels of one release only the alphabet would decide.
  if (sameRelease && running.channel !== '' && running.channel !== channel)
    return { verdict: 'pre-release', reason: `channel ${channel} has no order with ${running.channel}, which runs` }
  return undefined
}

function unwantedHotfix(
  { hotfix, numbers }: Version,
  { strategy, prerelease, hotfixes }: VersionRules,
): Objection | undefined {
  if (!hotfix || strategy === 'patch' || hotfixes === 'accept' || hotfix === prerelease) return undefined
  return {
    verdict: 'outside-strategy',
    reason: `a hot-fix of ${numbers.slice(0, 3).join('.')}; only strategy patch takes it, or hotfixes: accept`,
  }
}

const beyond = (running: Version, strategy: Strategy): Objection => ({
  verdict: 'outside-strategy',
  reason: `beyond ${strategyWords(strategy)} from ${running.tag}`,
})

const offLine = (lines: readonly string[]): Objection => ({
  verdict: 'unsupported-line',
  reason: `in none of the supported lines ${lines.join(', ')}`,
})

function allowedBy(strategy: Strategy, running: Version): (version: Version) => boolean {
  const same =
    (count: number) =>
    ({ numbers }: Version): boolean =>
      running.numbers.slice(0, count).every((each, i) => each === numbers[i])
  if (typeof strategy === 'object') return 'range' in strategy ? inRange(strategy.range) : () => true
  switch (strategy) {
    case 'patch':
      return same(3)
    case 'bugfix':
      return same(2)
    case 'minor':
      return same(1)
    case 'major':
    case 'release':
      return () => true
    case 'digest':
      return () => false
  }
}

/** How a strategy is named to a person; `patch` is image-watcher's word and needs saying. */
export function strategyWords(strategy: Strategy): string {
  if (typeof strategy === 'object')
    return 'range' in strategy ? `range ${strategy.range}` : `${strategy.order} order of ${strategy.filter}`
  return strategy === 'patch' ? 'patch (hot-fixes of the same x.y.z)' : strategy
}
