import type { Config } from '../config'
import { RefitError } from '../domain/errors'
import { groupsOf, includesScope, type Person, type Scope } from '../domain/people'
import { hashOfSecret, looksLikeToken, type TokenStore } from './tokens'

interface Deps {
  store: { tokens: Pick<TokenStore['tokens'], 'find'> }
  config: Pick<Config, 'people'>
}

/**
 * Whose token this is. UNAUTHENTICATED, in the same words, for one that is unknown, expired, revoked or no token at all:
 * who tries learns nothing. The secret itself is compared nowhere: the store is asked for its hash, and how long an
 * index takes to find a SHA-256 tells nothing of what was hashed.
 */
export const authenticate = async (deps: Deps, secret: string): Promise<Person> => (await identify(deps, secret)).person

/** The same, with the id of the token. */
export async function identify({ store, config }: Deps, secret: string): Promise<{ person: Person; tokenId: string }> {
  const token = looksLikeToken(secret) ? await store.tokens.find(hashOfSecret(secret)) : undefined
  if (!token) throw unauthenticated('This token is not valid.')
  const { id: tokenId, name, scope } = token
  return { tokenId, person: { name, groups: groupsOf(config.people, name), scope, via: 'token' } }
}

/** Throws FORBIDDEN, naming the scope that is needed, when the person's doesn't include it. */
export function authorize({ name, scope, via }: Pick<Person, 'name' | 'scope' | 'via'>, needs: Scope): void {
  if (includesScope(scope, needs)) return
  throw via === 'oidc'
    ? new RefitError(
        'FORBIDDEN',
        `This needs scope ${needs}; ${name} has ${scope}.`,
        `A group in server.oidc.scopes.${needs} of refit.yaml gives it.`,
      )
    : new RefitError(
        'FORBIDDEN',
        `This needs scope ${needs}; the token of ${name} has ${scope}.`,
        `refit token create ${name} --scope ${needs} makes one, for whoever runs Refit.`,
      )
}

/** Nobody knows who asks. */
export const unauthenticated = (message: string): RefitError =>
  new RefitError('UNAUTHENTICATED', message, 'refit token create NAME --scope approver makes a token.')
