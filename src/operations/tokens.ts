import { createHash, randomBytes } from 'node:crypto'
import type { Config } from '../config'
import { RefitError } from '../domain/errors'
import { groupsOf, type Scope } from '../domain/people'
import { clean } from '../domain/text'
import type { Store, TokenRow } from '../store/contracts'

/** What `refit token create -o json` prints. */
export interface CreatedToken extends Pick<TokenRow, 'id' | 'name' | 'scope' | 'expiresAt'> {
  /** shown this once: only its hash is kept */
  secret: string
  /** of refit.yaml, as they are now */
  groups: string[]
}

/** What `refit token list -o json` prints, newest first. */
export interface Tokens {
  tokens: (TokenRow & { state: 'live' | 'expired' | 'revoked' })[]
}

export type TokenStore = { tokens: Store['tokens'] }

const prefix = 'rft_'
const shape = /^rft_([A-Za-z0-9_-]{43})([0-9a-f]{8})$/
/** A name that no approval could carry would never be counted. */
const longestName = 200

/** Makes a token and returns its secret, which nobody can read again. Whoever reaches the store may do this. */
export async function createToken(
  { store, config }: { store: TokenStore; config: Pick<Config, 'people'> },
  {
    name,
    scope,
    expiresAt,
    by,
    verified = false,
  }: { name: string; scope: Scope; expiresAt: Date | null; by: string; verified?: boolean },
): Promise<CreatedToken> {
  if (!name || name !== clean(name, longestName))
    throw new RefitError(
      'USAGE',
      `The name must be one line of at most ${longestName} characters.`,
      'Write it as in people of refit.yaml.',
    )
  const id = randomBytes(6).toString('hex')
  const secret = newSecret()
  await store.tokens.create({ id, name, scope, createdBy: by, expiresAt, hash: hashOfSecret(secret), verified })
  return { id, name, scope, expiresAt, secret, groups: groupsOf(config.people, name) }
}

/** All tokens that ever were, without their secrets. */
export async function listTokens({ store }: { store: TokenStore }, now: Date): Promise<Tokens> {
  const rows = await store.tokens.list()
  return { tokens: rows.map((row) => ({ ...row, state: stateOf(row, now) })) }
}

/** Ends a token at once. TOKEN_UNKNOWN when there is no live one of that id. */
export async function revokeToken(
  { store }: { store: TokenStore },
  { id, by, verified = false }: { id: string; by: string; verified?: boolean },
): Promise<{ id: string; revokedBy: string }> {
  if (!(await store.tokens.revoke(id, by, verified)))
    throw new RefitError('TOKEN_UNKNOWN', `There is no live token ${clean(id, 40)}.`, 'refit token list shows them.')
  return { id, revokedBy: by }
}

/** What is kept of a secret. Of 256 random bits a fast hash is enough: nobody can try them all. */
export const hashOfSecret = (secret: string): string => createHash('sha256').update(secret).digest('hex')

/** Whether this could be a token at all; told without asking the store. */
export function looksLikeToken(text: string): boolean {
  const [, random, checksum] = shape.exec(text) ?? []
  return random !== undefined && checksum === checksumOf(random)
}

/** The prefix and the checksum let scanners for leaked secrets tell a token from any other text. */
function newSecret(): string {
  const random = randomBytes(32).toString('base64url')
  return `${prefix}${random}${checksumOf(random)}`
}

const checksumOf = (random: string): string => createHash('sha256').update(random).digest('hex').slice(0, 8)

/** Whether a token may be used now, and if not, why. */
export function stateOf({ expiresAt, revokedAt }: TokenRow, now: Date): 'live' | 'expired' | 'revoked' {
  if (revokedAt) return 'revoked'
  return expiresAt && expiresAt <= now ? 'expired' : 'live'
}
