import { changeOf, type Notes, notesLine } from './notes'

export interface Built {
  title: string
  /** URL of the repository */
  source: string
  /** the commit */
  revision: string
  /** ISO 8601, of the commit, so that a build can be repeated */
  created: string
}

/** As much as Refit shows of a label. */
const longest = 800

/** The labels of an image, by which Refit shows operators what an upgrade brings. One line each. */
export function labelsOf({ title, source, revision, created }: Built, notes: Notes): Record<string, string> {
  const labels = {
    'org.opencontainers.image.title': title,
    'org.opencontainers.image.source': source,
    'org.opencontainers.image.revision': revision,
    'org.opencontainers.image.version': notes.version,
    'org.opencontainers.image.created': created,
    'org.opencontainers.image.licenses': 'Apache-2.0',
    'refit/change': changeOf(notes),
    'refit/migrations': notes.migrations.join(', ') || 'none',
    'refit/todo': notes.todo.join(' '),
    'refit/notes': notesLine(notes, longest),
  }
  return Object.fromEntries(
    Object.entries(labels).flatMap(([name, text]) => {
      const line = text
        .replace(/\p{Cc}+/gu, ' ')
        .trim()
        .slice(0, longest)
      return line === '' ? [] : [[name, line]]
    }),
  )
}
