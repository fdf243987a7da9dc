import { sync as parse } from 'conventional-commits-parser'
import type { Component } from './components'
import { git } from './git'

/** A commit as a release sees it. */
export interface Commit {
  hash: string
  /** feat, fix, … ; empty where it is no conventional commit */
  type: string
  scope: string
  subject: string
  /** what breaks, in words */
  breaking: string[]
  /** what operators have to do, in words */
  todo: string[]
  /** the flaws that it mends; a security fix without a name says only that */
  security: string[]
}

const options = {
  headerPattern: /^(\w+)(?:\(([^)]*)\))?(!)?: (.+)$/,
  headerCorrespondence: ['type', 'scope', 'bang', 'subject'],
  noteKeywords: ['BREAKING CHANGE', 'BREAKING-CHANGE', 'Operators', 'Security'],
}
const [field, entry] = ['\x1f', '\x1e']

/** Commits after `from` (a tag; absent means all there were) up to `to` that touch the component, newest first; no merges. */
export function commitsOf(folder: string, component: Component, from: string | undefined, to = 'HEAD'): Commit[] {
  const range = from === undefined ? to : `${from}..${to}`
  const log = git(folder, 'log', '--no-merges', `--format=%H${field}%B${entry}`, range, '--', ...component.paths)
  return log
    .split(entry)
    .map((text) => text.trim())
    .filter((text) => text !== '')
    .map((text) => {
      const [hash = '', message = ''] = text.split(field)
      return commitOf(hash, message)
    })
}

/** One message as a commit of a release, by https://www.conventionalcommits.org/en/v1.0.0/ with two footers more. */
export function commitOf(hash: string, message: string): Commit {
  const { type, scope, subject, header, notes, bang } = parse(message, options) as ReturnType<typeof parse> & {
    bang?: string | null
  }
  const named = (pattern: RegExp): string[] =>
    notes.filter(({ title }) => pattern.test(title)).map(({ text }) => text.trim().replace(/\s+/g, ' '))
  const words = subject ?? header ?? ''
  const breaking = named(/^breaking/i)
  const security = named(/^security$/i)
  const isSecurity = type === 'security' || scope === 'security'
  return {
    hash,
    ...{ type: type ?? '', scope: scope ?? '', subject: words },
    breaking: breaking.length === 0 && bang ? [words] : breaking,
    todo: named(/^operators$/i),
    security: security.length === 0 && isSecurity ? [''] : security,
  }
}
