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

/** Who acts, as votes and records keep it; `verified`: what a login showed beside the name. */
export interface Actor {
  by: string
  verified?: { groups: string[]; via: 'token' }
}

/**
 * Who acts: with a token its owner, who must have the scope; else whom --by claims.
 * Throws UNAUTHENTICATED, FORBIDDEN, and USAGE for a name beside a token.
 */
export async function actorOf(context: Context, { by, tokenFile }: ActorOptions, needs: Scope): Promise<Actor> {
  const token = readToken(context.env, tokenFile)
  if (token === undefined) return { by: actor(context, by) }
  if (by !== undefined) throw new RefitError('USAGE', 'With a token it is known who acts.', 'Leave --by away.')
  const [store, config] = await Promise.all([context.parts.store(), context.parts.config()])
  const person = await authenticate({ store, config }, token)
  authorize(person, needs)
  return { by: person.name, verified: { groups: person.groups, via: 'token' } }
}

/** The same for records that keep only whether a login stands behind the name. */
export async function actingAs(
  context: Context,
  options: ActorOptions,
  needs: Scope,
): Promise<{ by: string; verified: boolean }> {
  const { by, verified } = await actorOf(context, options, needs)
  return { by, verified: verified !== undefined }
}
