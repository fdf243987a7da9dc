import { readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { commitsOf } from './commits'
import { type Component, componentOf, lineBranch, releaseOfTag } from './components'
import { git, gitLines } from './git'
import { type Built, labelsOf } from './labels'
import { type Notes, notesMarkdown, notesOf } from './notes'
import { nextRelease, versionBefore } from './version'

/** A release that was tagged, with all that is said of it. */
export interface Tagged {
  tag: string
  component: Component
  version: string
  before: string | undefined
  notes: Notes
  markdown: string
  labels: Record<string, string>
}

/** What a tag releases, by the commits since the release before it. */
export function taggedRelease(folder: string, tag: string, source = sourceOf(folder)): Tagged {
  const { component, version } = releaseOfTag(tag)
  const before = versionBefore(folder, component, version)
  const from = before && `${component.tagPrefix}${before}`
  const notes = notesOf(version, commitsOf(folder, component, from, tag), migrationsSince(folder, component, from, tag))
  const revision = git(folder, 'rev-parse', `${tag}^{commit}`)
  const created = new Date(git(folder, 'log', '-1', '--format=%cI', revision)).toISOString()
  const built: Built = { title: component.image, source, revision, created }
  return {
    ...{ tag, component, version, before, notes },
    markdown: notesMarkdown(component.name, notes),
    labels: labelsOf(built, notes),
  }
}

/** Files that were added to the folder of its migrations. */
function migrationsSince(folder: string, { migrations }: Component, from: string | undefined, to: string): string[] {
  if (migrations === undefined) return []
  const files =
    from === undefined
      ? gitLines(folder, 'ls-tree', '-r', '--name-only', to, '--', migrations)
      : gitLines(folder, 'diff', '--name-only', '--diff-filter=A', from, to, '--', migrations)
  return files.map((file) => basename(file)).filter((name) => name !== 'index.ts')
}

/** The repository's address without anything that logs in. */
function sourceOf(folder: string): string {
  const [url = ''] = gitLines(folder, 'config', '--default', '', '--get', 'remote.origin.url')
  const web = url.replace(/^(?:ssh:\/\/)?git@([^:/]+)[:/]/, 'https://$1/').replace(/\.git$/, '')
  if (!URL.canParse(web)) return ''
  const { protocol, host, pathname } = new URL(web)
  return protocol === 'https:' ? `https://${host}${pathname}` : ''
}

export interface Cut {
  tag: string
  version: string
  /** the line's branch, made with its first release */
  branch: string
  made: boolean
}

/**
 * Makes the next release of a component in a clean work tree: the version in package.json where it is Refit's own, an
 * annotated tag with the notes, and the line's branch with its first release. Nothing leaves the machine.
 */
export function cutRelease(folder: string, name: string): Cut {
  const component = componentOf(name)
  if (git(folder, 'status', '--porcelain') !== '') throw new Error('the work tree has changes: commit or stash them')
  const { next, commits, current, branch } = nextRelease(folder, component)
  if (next === undefined) throw new Error(`nothing of ${name} to release since ${current ?? 'the beginning'}`)
  if (component.name === 'refit') commitVersion(folder, next)
  const tag = `${component.tagPrefix}${next}`
  const from = current && `${component.tagPrefix}${current}`
  const notes = notesOf(next, commits, migrationsSince(folder, component, from, 'HEAD'))
  // Headings would be taken for comments.
  git(folder, 'tag', '--annotate', tag, '--cleanup=verbatim', '--message', notesMarkdown(component.name, notes))
  const isNew = gitLines(folder, 'branch', '--list', branch).length === 0
  if (isNew) git(folder, 'branch', branch, tag)
  return { tag, version: next, branch, made: isNew }
}

function commitVersion(folder: string, version: string): void {
  const written = ['package.json', 'package-lock.json'].filter((file) => {
    const path = join(folder, file)
    const before = readFileSync(path, 'utf8')
    const content = JSON.parse(before) as { version?: string; packages?: Record<string, { version?: string }> }
    content.version = version
    if (content.packages?.['']) content.packages[''].version = version
    const after = `${JSON.stringify(content, null, 2)}\n`
    writeFileSync(path, after)
    return after !== before
  })
  if (written.length > 0) git(folder, 'commit', '--quiet', '--message', `chore(release): v${version}`, '--', ...written)
}

export { lineBranch }
