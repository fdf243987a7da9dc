import type { Config } from '../config'
import { RefitError } from '../domain/errors'
import { groupsOf, includesScope, type Person, type Scope } from '../domain/people'
import { hashOfSecret, looksLikeToken, type TokenStore } from './tokens'

/**
 * Whose token this is. UNAUTHENTICATED, in the same words, for one that is unknown, expired, revoked or no token at all:
 * who tries learns nothing. The secret itself is compared nowhere: the store is asked for its hash, and how long an
 * index takes to find a SHA-256 tells nothing of what was hashed.
 */
export async function authenticate(
  { store, config }: { store: { tokens: Pick<TokenStore['tokens'], 'find'> }; config: Pick<Config, 'people'> },
  secret: string,
): Promise<Person> {
  const token = looksLikeToken(secret) ? await store.tokens.find(hashOfSecret(secret)) : undefined
  if (!token) throw unauthenticated('This token is not valid.')
  return { name: token.name, groups: groupsOf(config.people, token.name), scope: token.scope }
}

/** Throws FORBIDDEN, naming the scope that is needed, when the person's doesn't include it. */
export function authorize({ name, scope }: Pick<Person, 'name' | 'scope'>, needs: Scope): void {
  if (includesScope(scope, needs)) return
  throw new RefitError(
    'FORBIDDEN',
    `This needs scope ${needs}; the token of ${name} has ${scope}.`,
    `refit token create ${name} --scope ${needs} makes one, for whoever runs Refit.`,
  )
}

/** Nobody knows who asks. */
export const unauthenticated = (message: string): RefitError =>
  new RefitError('UNAUTHENTICATED', message, 'refit token create NAME --scope approver makes a token.')
