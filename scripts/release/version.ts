import semver from 'semver'
import type { Commit } from './commits'
import { commitsOf } from './commits'
import { type Component, lineBranch } from './components'
import { git, gitLines } from './git'

export type Bump = 'major' | 'minor' | 'patch'

/** What changes the program. Tests, documents and the like are released with the next of these. */
const releasing: ReadonlySet<string> = new Set([
  'feat',
  'fix',
  'perf',
  'refactor',
  'security',
  'revert',
  'build',
  'deps',
])

/** The step that commits ask for; undefined where nothing of them is a reason to release. Below 1.0.0 what breaks is a minor. */
export function bumpOf(commits: readonly Commit[], current: string | undefined): Bump | undefined {
  const isYoung = current === undefined || semver.major(current) === 0
  if (commits.some(({ breaking }) => breaking.length > 0)) return isYoung ? 'minor' : 'major'
  if (commits.some(({ type }) => type === 'feat')) return 'minor'
  return commits.some(({ type, security }) => releasing.has(type) || security.length > 0) ? 'patch' : undefined
}

export interface NextRelease {
  /** of the last tag that is part of this branch */
  current: string | undefined
  /** undefined: nothing to release */
  next: string | undefined
  bump: Bump | undefined
  commits: Commit[]
  /** the line's branch where it is a line of its own: patches of it are made there */
  branch: string
}

/**
 * The version that comes next on the branch that is checked out (or `branch`). On the branch of a line only patches are
 * made: what else is there throws, with the commits. Elsewhere a fix is a minor where its line has a branch already.
 */
export function nextRelease(folder: string, component: Component, branch = currentBranch(folder)): NextRelease {
  const versions = versionsOf(folder, component, ['--merged', 'HEAD'])
  const line = lineOf(component, branch)
  const [current] = line === undefined ? versions : versions.filter((each) => isOn(line, each))
  if (line !== undefined && current === undefined) throw new Error(`${branch} has no release ${line}.x to patch`)
  const commits = commitsOf(folder, component, current && `${component.tagPrefix}${current}`)
  const bump = bumpOf(commits, current)
  const base = { current, commits }
  if (bump === undefined) return { ...base, bump, next: undefined, branch: line === undefined ? '' : branch }
  if (line !== undefined) {
    assertPatch(commits, line, bump)
    return { ...base, bump, next: semver.inc(current as string, 'patch') ?? undefined, branch }
  }
  const first = current === undefined ? '0.1.0' : semver.inc(current, bump)
  const isTaken = bump === 'patch' && current !== undefined && hasLine(folder, component, current)
  const next = isTaken ? semver.inc(current, 'minor') : first
  return {
    ...base,
    bump: isTaken ? 'minor' : bump,
    next: next ?? undefined,
    branch: lineBranch(component, lineWords(next ?? '')),
  }
}

function assertPatch(commits: readonly Commit[], line: string, bump: Bump): void {
  if (bump === 'patch') return
  const wrong = commits.filter(({ type, breaking }) => type === 'feat' || breaking.length > 0)
  const named = wrong.map(({ hash, subject }) => `${hash.slice(0, 12)} ${subject}`).join('; ')
  throw new Error(
    `release ${line} takes fixes only, and has: ${named}. Take them out, or release a new line from main.`,
  )
}

/** Versions that were tagged, newest first. */
export const versionsOf = (folder: string, { tagPrefix }: Component, more: readonly string[] = []): string[] =>
  gitLines(folder, 'tag', '--list', `${tagPrefix}[0-9]*`, ...more)
    .map((tag) => tag.slice(tagPrefix.length))
    .filter((version) => semver.valid(version) !== null)
    .sort(semver.rcompare)

/** The release before this one, on its own line or any line below it. */
export const versionBefore = (folder: string, component: Component, version: string): string | undefined =>
  versionsOf(folder, component, ['--merged', `${component.tagPrefix}${version}`]).find((each) =>
    semver.lt(each, version),
  )

export const currentBranch = (folder: string): string => git(folder, 'rev-parse', '--abbrev-ref', 'HEAD')

const lineWords = (version: string): string => `${semver.major(version)}.${semver.minor(version)}`
const isOn = (line: string, version: string): boolean => lineWords(version) === line

/** `1.2` of `release/v1.2`; undefined for any other branch. */
function lineOf(component: Component, branch: string): string | undefined {
  const prefix = lineBranch(component, '')
  const line = branch.startsWith(prefix) ? branch.slice(prefix.length) : ''
  return /^\d+\.\d+$/.test(line) ? line : undefined
}

/** Here or on a remote. */
function hasLine(folder: string, component: Component, version: string): boolean {
  const branch = lineBranch(component, lineWords(version))
  return gitLines(folder, 'for-each-ref', '--format=%(refname)', 'refs/heads', 'refs/remotes').some((ref) =>
    ref.endsWith(`/${branch}`),
  )
}
