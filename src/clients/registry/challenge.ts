import { parse } from 'auth-header'
import type { IncomingHttpHeaders } from 'node:http'
import type { Endpoint } from './endpoint'
import { badAnswer } from './failures'

/** What a registry wants to see before it answers. */
export type Challenge = { kind: 'basic' } | { kind: 'bearer'; realm: URL; service: string | undefined }

const maxHeader = 4_096

/**
 * The challenge of a 401; a bearer token is preferred to a password. Undefined when there is none that is known. Throws
 * REGISTRY_BAD_ANSWER for a realm that credentials must not go to.
 */
export function challengeOf(headers: IncomingHttpHeaders, endpoint: Endpoint): Challenge | undefined {
  const found = listOf(headers['www-authenticate']).flatMap(parsed)
  const bearer = found.find(({ scheme, params }) => scheme === 'bearer' && params.realm !== undefined)
  if (bearer) return { kind: 'bearer', realm: realmOf(bearer.params.realm, endpoint), service: bearer.params.service }
  return found.some(({ scheme }) => scheme === 'basic') ? { kind: 'basic' } : undefined
}

const listOf = (value: string | string[] | undefined): string[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value]

function parsed(header: string): { scheme: string; params: Record<string, string | undefined> }[] {
  if (header.length > maxHeader) return []
  try {
    const { scheme, params } = parse(header)
    const texts = Object.entries(params).map(([name, value]) => [
      name.toLowerCase(),
      Array.isArray(value) ? value[0] : value,
    ])
    return [{ scheme: scheme.toLowerCase(), params: Object.fromEntries(texts) as Record<string, string | undefined> }]
  } catch {
    return []
  }
}

/** Https, or http where the registry itself is read by http. */
function realmOf(text: string | undefined, endpoint: Endpoint): URL {
  const realm = URL.canParse(text ?? '') ? new URL(text ?? '') : undefined
  const isPlain = realm?.protocol === 'http:' && endpoint.origin.startsWith('http:')
  if (!realm || !(realm.protocol === 'https:' || isPlain) || realm.username || realm.password)
    throw badAnswer(endpoint, 'the address of its tokens (realm) is none that is asked', text)
  realm.hash = ''
  return realm
}
