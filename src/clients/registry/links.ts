import type { Endpoint } from './endpoint'
import { badAnswer } from './failures'

/**
 * The path of the next page that a `Link: <…>; rel="next"` header names, if any. Throws REGISTRY_BAD_ANSWER when it leaves
 * the tag list of the same repository on the same origin: a registry must not choose what else this process asks.
 */
export function nextPage(link: string, current: string, first: string, endpoint: Endpoint): string | undefined {
  const target = targetOf(link)
  if (target === undefined) return undefined
  const base = `${endpoint.origin}${current}`
  const next = URL.canParse(target, base) ? new URL(target, base) : undefined
  const path = first.slice(0, first.indexOf('?'))
  if (!next || next.origin !== endpoint.origin || next.pathname !== path || next.username || next.password)
    throw badAnswer(endpoint, 'its next page of tags is somewhere else', target)
  return `${next.pathname}${next.search}`
}

/** Some registries leave the angle brackets out. */
function targetOf(link: string): string | undefined {
  for (const part of link.split(/,(?=\s*[<h/])/)) {
    const match = /^\s*<?([^>;\s]+)>?\s*;(.*)$/s.exec(part)
    if (match?.[1] && /(?:^|;)\s*rel\s*=\s*"?next"?\s*(?:;|$)/i.test(match[2] ?? '')) return match[1]
  }
  return undefined
}
