import semver from 'semver'
import { type BillOfMaterials, releasesIn, releaseVersion } from './bill-of-materials'
import { parseVersion } from './version'

/** A line that is kept up until a day (YYYY-MM-DD, the whole day included, UTC): of the hub, or of single images. */
export type Supported =
  | { /** x-range of hub releases, such as 17.x */ release: string; until: string }
  | { /** globs */ images: readonly string[]; /** semver range, such as 19.x or 1.0.x */ line: string; until: string }

/** A supported line of one image. */
export interface Line {
  /** semver range */
  range: string
  /** hub release it comes from */
  release?: string
  /** YYYY-MM-DD, included */
  until: string
}

export interface SupportRules {
  readonly supported: readonly Supported[]
  readonly billOfMaterials?: BillOfMaterials
}

/** Whether globs select a repository path; config/ knows how. */
export type Matches = (patterns: readonly string[], repositoryPath: string) => boolean

/**
 * The supported lines of one image, lowest first: those that name it, and x.y of every tag that a supported hub release
 * names for it. Empty when nothing is said of it. Lines that have ended are among them: see `isLive`.
 */
export function linesOf(repositoryPath: string, config: SupportRules, matches: Matches): Line[] {
  const lines = config.supported.flatMap((entry): Line[] => {
    if ('line' in entry) return matches(entry.images, repositoryPath) ? [{ range: entry.line, until: entry.until }] : []
    return releasesIn(entry.release, config.billOfMaterials).flatMap(([release, images]): Line[] => {
      const range = lineOf(images[repositoryPath])
      return range === undefined ? [] : [{ range, release, until: entry.until }]
    })
  })
  return lines.filter(({ range, until }, index) => !isCovered(lines, index, range, until)).sort(byRange)
}

/** Two releases often name the same line: the one that is kept up longer counts, the later of two equal ones. */
const isCovered = (lines: readonly Line[], index: number, range: string, until: string): boolean =>
  lines.some(
    (other, i) => i !== index && other.range === range && (other.until > until || (other.until === until && i > index)),
  )

function byRange(a: Line, b: Line): number {
  const [low, high] = [semver.minVersion(a.range), semver.minVersion(b.range)]
  return low && high ? semver.compare(low, high) : 0
}

/** `19.8.x` of v19.8.3: what a bill of materials names is kept up by bugfixes. */
function lineOf(tag: string | undefined): string | undefined {
  const [major, minor] = (tag === undefined ? undefined : parseVersion(tag))?.numbers ?? []
  return major === undefined || minor === undefined ? undefined : `${major}.${minor}.x`
}

const dayMs = 86_400_000

/** A line lives until the end of its last day, UTC. `now` in epoch ms. */
export const isLive = ({ until }: { until: string }, now: number): boolean => now < Date.parse(until) + dayMs

/** When the next of the lines that are live ends, epoch ms; undefined when none does. */
export function nextEnd(lines: readonly Line[], now: number): number | undefined {
  const ends = lines.filter((line) => isLive(line, now)).map(({ until }) => Date.parse(until) + dayMs)
  return ends.length > 0 ? Math.min(...ends) : undefined
}

/**
 * The tag that the newest supported hub release names for an image: what strategy `release` aims at. Without supported
 * releases every release of the bill of materials counts. Undefined when none names it.
 */
export function releaseTargetOf(
  repositoryPath: string,
  config: SupportRules,
  now: number,
): { release: string; tag: string } | undefined {
  const ranges = config.supported.flatMap((entry) => ('release' in entry ? [entry] : []))
  const live = ranges.length === 0 ? ['*'] : ranges.filter((entry) => isLive(entry, now)).map(({ release }) => release)
  const [newest] = live
    .flatMap((range) => releasesIn(range, config.billOfMaterials))
    .filter(([, images]) => Object.hasOwn(images, repositoryPath))
    .sort(([a], [b]) => semver.rcompare(releaseVersion(a), releaseVersion(b)))
  return newest && { release: newest[0], tag: newest[1][repositoryPath] as string }
}

/** The end of a supported line that comes near, or has come. */
export interface EndingLine {
  /** `release 17.x`, or the line with its images */
  subject: string
  until: string
  /** calendar days (UTC) until `until`: 0 on that day, negative when it is over */
  daysLeft: number
  /** what was passed: 90 or 30 days before the end, or (0) the end */
  threshold: 90 | 30 | 0
}

/** Which supported lines end within 90 days or have ended, soonest first. `now` in epoch ms. */
export function endingLines(supported: readonly Supported[], now: number): EndingLine[] {
  const today = Math.floor(now / dayMs)
  return supported
    .flatMap((entry): EndingLine[] => {
      const daysLeft = Date.parse(entry.until) / dayMs - today
      if (daysLeft > 90) return []
      const subject =
        'release' in entry ? `release ${entry.release}` : `line ${entry.line} of ${entry.images.join(', ')}`
      return [{ subject, until: entry.until, daysLeft, threshold: daysLeft < 0 ? 0 : daysLeft <= 30 ? 30 : 90 }]
    })
    .sort((a, b) => a.daysLeft - b.daysLeft)
}
