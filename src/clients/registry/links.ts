import { badAnswer } from './request'

/**
 * The next page that a `Link: <…>; rel="next"` header names, if any. Throws REGISTRY_BAD_ANSWER when it leaves the tag
 * list of the same repository on the same host: a registry must not choose what else this process asks.
 */
export function nextPage(link: string | null, current: URL, first: URL, repository: string): URL | undefined {
  const target = link === null ? undefined : targetOf(link)
  if (target === undefined) return undefined
  const next = URL.canParse(target, current.href) ? new URL(target, current) : undefined
  if (!next || next.origin !== first.origin || next.pathname !== first.pathname || next.username || next.password)
    throw badAnswer(repository, 'its next page of tags is somewhere else', Buffer.from(target))
  next.hash = ''
  return next
}

/** Some registries leave the angle brackets out. */
function targetOf(link: string): string | undefined {
  for (const part of link.split(/,(?=\s*[<h/])/)) {
    const match = /^\s*<?([^>;\s]+)>?\s*;(.*)$/s.exec(part)
    if (match?.[1] && /(?:^|;)\s*rel\s*=\s*"?next"?\s*(?:;|$)/i.test(match[2] ?? '')) return match[1]
  }
  return undefined
}
