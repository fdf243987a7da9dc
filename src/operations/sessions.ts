import { createHash, randomBytes } from 'node:crypto'
import type { Config } from '../config'
import { RefitError } from '../domain/errors'
import { groupsOf, type Person, scopeOfGroups } from '../domain/people'
import { clean } from '../domain/text'
import type { SessionRow, Store } from '../store/contracts'
import { identify } from './authenticate'
import { hashOfSecret, type TokenStore } from './tokens'

export type SessionStore = { sessions: Store['sessions'] }
type Rules = Pick<Config, 'people' | 'server'>

/** A login of somebody who uses the page. */
export interface Session {
  /** what the cookie holds; only its hash is kept */
  secret: string
  person: Person
}

const secretBytes = 32
const shape = /^[A-Za-z0-9_-]{43}$/

/** Logs in with an API token: the session has its rights, and ends with it. UNAUTHENTICATED as `authenticate`. */
export async function openTokenSession(
  { store, config }: { store: SessionStore & { tokens: Pick<TokenStore['tokens'], 'find'> }; config: Rules },
  token: string,
): Promise<Session> {
  const { person, tokenId } = await identify({ store, config }, token)
  const secret = await open(store, config, { name: person.name, via: 'token', tokenId, groups: [] })
  return { secret, person }
}

/** Logs in whom the OIDC provider vouches for; `groups` are those that it told. */
export async function openOidcSession(
  { store, config }: { store: SessionStore; config: Rules },
  person: Person,
  groups: string[],
): Promise<Session> {
  const secret = await open(store, config, { name: person.name, via: 'oidc', tokenId: null, groups })
  return { secret, person }
}

async function open(
  { sessions }: SessionStore,
  { server }: Rules,
  { name, via, tokenId, groups }: Pick<SessionRow, 'name' | 'via' | 'tokenId' | 'groups'>,
): Promise<string> {
  const secret = randomBytes(secretBytes).toString('base64url')
  const { lifetimeMs } = server.session
  await sessions.open({ hash: hashOfSecret(secret), name, via, tokenId, groups, lifetimeMs })
  return secret
}

/**
 * Whose session this is: undefined for one that is unknown, over, or without rights by now. What somebody may do is
 * looked up each time, so that a revoked token or a changed refit.yaml counts at once.
 */
export async function personOfSession(
  { store, config }: { store: SessionStore; config: Rules },
  secret: string,
): Promise<Person | undefined> {
  if (!shape.test(secret)) return undefined
  const { people, server } = config
  const session = await store.sessions.find(hashOfSecret(secret), server.session.idleMs)
  if (!session) return undefined
  const { name, via, groups, scope } = session
  if (via === 'oidc') return personOfGroups(config, name, groups)
  return scope === null ? undefined : { name, groups: groupsOf(people, name), scope, via }
}

/** Whom the OIDC provider calls so and puts into these groups; undefined when that gives no rights. */
export function personOfGroups({ people, server }: Rules, name: string, told: readonly string[]): Person | undefined {
  const scope = server.oidc && scopeOfGroups(server.oidc.scopes, told)
  return scope && { name, groups: [...new Set([...told, ...groupsOf(people, name)])], scope, via: 'oidc' }
}

/** Ends a session at once; false when it was over. */
export const endSession = async ({ store }: { store: SessionStore }, secret: string): Promise<boolean> =>
  shape.test(secret) && store.sessions.end(hashOfSecret(secret))

/** What `refit session list -o json` prints: who is logged in to the page, newest first. */
export const listSessions = async ({ store, config }: { store: SessionStore; config: Pick<Config, 'server'> }) => ({
  sessions: await store.sessions.list(config.server.session.idleMs),
})

/** Logs somebody out everywhere. TOKEN_UNKNOWN when they are logged in nowhere. */
export async function endSessionsOf(
  { store }: { store: SessionStore },
  { name, by }: { name: string; by: string },
): Promise<{ name: string; ended: number }> {
  const ended = await store.sessions.endOf(name, by)
  if (ended > 0) return { name, ended }
  throw new RefitError('TOKEN_UNKNOWN', `${clean(name, 200)} is logged in nowhere.`, 'refit session list shows who is.')
}

/** What a page shows with everything that it changes, so that no other site can have its browser do it. */
export const csrfOf = (secret: string): string =>
  createHash('sha256').update(`refit/csrf:${secret}`).digest('base64url')
