import semver from 'semver'
import type { DecideInput } from './decide'
import type { Policy } from './policy'
import type { Running } from './running'
import { isLive, type Line } from './supported'
import { parseVersion, type Version } from './version'
import { inRange } from './version-rules'

/**
 * Why a service is outside all supported lines of its image, and which line would be next; undefined when it is on one,
 * when nothing is said of the image, or when its tag has no place on a line. Strategy `release` leads out of it by itself.
 */
export function lineProblem(
  { lines, now }: Pick<DecideInput, 'lines' | 'now'>,
  { strategy }: Policy,
  { tag }: Running,
): { kind: 'unsupported'; reason: string } | undefined {
  const version = parseVersion(tag)
  if (lines.length === 0 || version === undefined || strategy === 'release' || strategy === 'digest') return undefined
  const holding = lines.filter(({ range }) => inRange(range)(version))
  if (holding.some((line) => isLive(line, now))) return undefined
  const live = lines.filter((line) => isLive(line, now))
  const ended = holding[0]
  const because = ended
    ? `its line ${lineWords(ended)} was supported until ${ended.until}`
    : `it is in none of its supported lines ${lines.map(lineWords).join(', ')}`
  return { kind: 'unsupported', reason: `${tag} is not supported: ${because}; ${nextWords(version, live)}` }
}

const lineWords = ({ range, release }: Line): string => (release ? `${range} (release ${release})` : range)

function nextWords(version: Version, live: readonly Line[]): string {
  const [major = 0, minor = 0, bugfix = 0] = version.numbers
  const next = live.find(({ range }) =>
    semver.gtr(semver.minVersion(range) ?? '0.0.0', `<=${major}.${minor}.${bugfix}`),
  )
  if (next) return `the next line is ${lineWords(next)}, supported until ${next.until}`
  return live.length > 0 ? 'it is ahead of every supported line' : 'no line of its image is supported any more'
}
