import { authenticate, authorize } from '../operations/authenticate'
import { RefitError } from '../domain/errors'
import type { Scope } from '../domain/people'
import { actor, type Context } from './context'
import { readToken } from './token'

/** The options of commands that say who acts. */
export interface ActorOptions {
  by?: string
  tokenFile?: string
}

/**
 * Who acts, and whether a login stands behind the name: with a token its owner, who must have the scope; else a claim.
 * Throws UNAUTHENTICATED, FORBIDDEN, and USAGE for a name beside a token.
 */
export async function actingAs(
  context: Context,
  { by, tokenFile }: ActorOptions,
  needs: Scope,
): Promise<{ by: string; verified: boolean }> {
  const token = readToken(context.env, tokenFile)
  if (token === undefined) return { by: actor(context, by), verified: false }
  if (by !== undefined) throw new RefitError('USAGE', 'With a token it is known who acts.', 'Leave --by away.')
  const [store, config] = await Promise.all([context.parts.store(), context.parts.config()])
  const person = await authenticate({ store, config }, token)
  authorize(person, needs)
  return { by: person.name, verified: true }
}
