import type { Commit } from './commits'

/** What operators want to know of a release, in the order in which they ask. */
export interface Notes {
  version: string
  /** what they have to do */
  todo: string[]
  breaking: string[]
  security: string[]
  /** data migrations that come with it, by file name */
  migrations: string[]
  features: string[]
  fixes: string[]
}

/** The kind of a release by the worst of it. */
export type Change = 'breaking' | 'security' | 'feature' | 'bugfix'

export const changeOf = ({ breaking, security, features }: Notes): Change =>
  breaking.length > 0 ? 'breaking' : security.length > 0 ? 'security' : features.length > 0 ? 'feature' : 'bugfix'

const fixing: ReadonlySet<string> = new Set(['fix', 'perf', 'revert', 'deps'])

export function notesOf(version: string, commits: readonly Commit[], migrations: readonly string[] = []): Notes {
  const lines = (wanted: (commit: Commit) => boolean): string[] => commits.filter(wanted).map(lineOf)
  const isPlain = ({ breaking, security }: Commit): boolean => breaking.length === 0 && security.length === 0
  return {
    version,
    todo: commits.flatMap(({ todo }) => todo),
    breaking: commits.flatMap((commit) => commit.breaking.map((words) => inScope(commit, words))),
    security: commits.flatMap((commit) =>
      commit.security.map((name) => `${lineOf(commit)}${name === '' ? '' : ` (${name})`}`),
    ),
    migrations: [...migrations],
    features: lines((commit) => commit.type === 'feat' && isPlain(commit)),
    fixes: lines((commit) => fixing.has(commit.type) && isPlain(commit)),
  }
}

const inScope = ({ scope }: Commit, words: string): string =>
  scope && scope !== 'security' ? `${scope}: ${words}` : words
const lineOf = (commit: Commit): string => inScope(commit, commit.subject)

const sections: [keyof Omit<Notes, 'version'>, string][] = [
  ['todo', 'What to do'],
  ['breaking', 'Breaking'],
  ['security', 'Security'],
  ['migrations', 'Data migrations'],
  ['features', 'Features'],
  ['fixes', 'Fixes'],
]

/** The notes as Markdown, operators' work first. */
export function notesMarkdown(title: string, notes: Notes): string {
  const written = sections.flatMap(([key, heading]) =>
    notes[key].length === 0 ? [] : [`### ${heading}`, '', ...notes[key].map((line) => `- ${line}`), ''],
  )
  const todo = notes.todo.length === 0 && notes.breaking.length === 0 ? ['Nothing to do beside the upgrade.', ''] : []
  return [`## ${title} ${notes.version}`, '', ...todo, ...written].join('\n')
}

/** The same as one line for a label: what breaks and what is mended first. At most `max` characters. */
export function notesLine(notes: Notes, max: number): string {
  const groups: [string, readonly string[]][] = [
    ['Breaking', notes.breaking],
    ['Security', notes.security],
    ['Features', notes.features],
    ['Fixes', notes.fixes],
  ]
  const words = groups
    .flatMap(([name, lines]) => (lines.length === 0 ? [] : [`${name}: ${lines.join('; ')}.`]))
    .join(' ')
  return words.length <= max ? words : `${words.slice(0, max - 1)}…`
}
