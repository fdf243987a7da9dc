import type { Changes } from './decision'
import type { ImageFacts } from './image-facts'
import { clean } from './text'

const link = /^https:\/\/((?:[a-z0-9-]+\.)+[a-z]{2,}(?::\d{1,5})?)((?:\/[A-Za-z0-9._~-]+)+)\/?$/i
const longest = { link: 500, text: 200, changelog: 500, notes: 800 }

/**
 * What a candidate's labels say of itself, for people: one line of text each, and https links without credentials,
 * queries or characters that a message could be broken with. `from` and `to` are tags; without `from` nothing can be
 * compared.
 */
export function changesOf(facts: ImageFacts, { from, to }: { from?: string; to: string }): Changes | undefined {
  const source = linkIn(facts.source)
  const changes: Changes = {
    ...textFields(facts),
    ...(source ? { source, ...linksOf(source, { from, to }) } : {}),
    ...(facts.created === undefined || !Number.isSafeInteger(facts.created) ? {} : { created: facts.created }),
  }
  return Object.keys(changes).length > 0 ? changes : undefined
}

function textFields({ revision, version, changelog, change, migrations, todo, notes }: ImageFacts): Changes {
  const fields: [keyof Changes, string | undefined, number][] = [
    ['revision', revision, longest.text],
    ['version', version, longest.text],
    ['changelog', changelog, longest.changelog],
    ['change', change, longest.text],
    ['migrations', migrations, longest.text],
    ['todo', todo, longest.notes],
    ['notes', notes, longest.notes],
  ]
  const kept = fields.flatMap(([key, value, max]) => {
    const text = typeof value === 'string' ? clean(value, max) : ''
    return text === '' ? [] : [[key, text] as const]
  })
  return Object.fromEntries(kept)
}

/** Undefined unless the whole text is such a link. */
function linkIn(text: string | undefined): string | undefined {
  if (typeof text !== 'string' || text.length > longest.link) return undefined
  const [, host, path] = link.exec(text.trim()) ?? []
  return host && path && !/\/\.{1,2}(?:\/|$)/.test(path) ? `https://${host.toLowerCase()}${path}` : undefined
}

/** GitHub and GitLab, also on a host of one's own; of any other nobody knows where it keeps what. */
function linksOf(source: string, { from, to }: { from?: string; to: string }): Changes {
  const [, host = '', path = ''] = link.exec(source) ?? []
  const kind = /^(github|gitlab)\./.exec(host)?.[1]
  const repository = repositoryIn(path, kind)
  if (kind === undefined || repository === undefined) return {}
  const base = `https://${host}/${repository}`
  return {
    ...(from === undefined || from === to ? {} : { compare: `${base}/compare/${from}...${to}` }),
    ...(from === to
      ? {}
      : { releaseNotes: `${base}${kind === 'gitlab' ? '/-' : ''}/releases${kind === 'gitlab' ? '' : '/tag'}/${to}` }),
  }
}

/** GitHub's is always owner/repo; GitLab's may lie in groups of groups, up to `/-/`. */
function repositoryIn(path: string, kind: string | undefined): string | undefined {
  const segments = (path.split('/-/')[0] ?? '').split('/').filter((segment) => segment !== '')
  const repository = kind === 'github' ? segments.slice(0, 2) : segments
  if (repository.length < 2) return undefined
  return repository.join('/').replace(/\.git$/, '')
}
