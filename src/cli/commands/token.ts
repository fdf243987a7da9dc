import type { Scope } from '../../domain/people'
import { instant } from '../../domain/text'
import { createToken, listTokens, revokeToken } from '../../operations/tokens'
import { actingAs, type ActorOptions } from '../acting'
import type { Command } from '../context'
import { safe } from '../render'

interface CreateOptions extends ActorOptions {
  scope: Scope
  /** milliseconds from now */
  expires?: number
}

/** Makes a token; this is the only time that its secret is shown. */
export const create: Command<CreateOptions> = async (context, [name = ''], { scope, expires, ...who }) => {
  const { parts, io } = context
  const [store, config] = await Promise.all([parts.store(), parts.config()])
  const expiresAt = expires === undefined ? null : new Date(io.now().getTime() + expires)
  const made = await context.waitFor('the store', async () =>
    createToken({ store, config }, { name, scope, expiresAt, ...(await actingAs(context, who, 'admin')) }),
  )
  context.print(made, () => [
    made.secret,
    context.paint('dim', 'This is the only time that it is shown: keep it where secrets are kept.'),
    `token ${made.id}: ${safe(made.name)} as ${made.scope}, ${made.groups.length > 0 ? `in ${made.groups.join(', ')}` : 'in no group'}, ${expiresAt ? `until ${instant(expiresAt)}` : 'without an end'}`,
    ...(config.people.some((each) => each.name === made.name)
      ? []
      : [context.paint('warn', `people of ${context.configFile} has no ${safe(made.name)}: it will be in no group`)]),
    `next: REFIT_TOKEN=… refit ${made.scope === 'viewer' ? 'status --server URL' : 'approve SERVICE'}`,
  ])
}

/** Every token that ever was, without its secret. */
export const list: Command<unknown> = async (context) => {
  const store = await context.parts.store()
  const found = await context.waitFor('the store', () => listTokens({ store }, context.io.now()))
  context.print(found, () => {
    if (found.tokens.length === 0) return ['no tokens yet', 'next: refit token create NAME --scope approver']
    const rows = found.tokens.map(({ id, name, scope, state, createdAt, createdBy, expiresAt, lastUsedAt }) => [
      ...[id, name, scope, state],
      ...[`${instant(createdAt)} by ${createdBy}`, expiresAt ? instant(expiresAt) : 'never'],
      lastUsedAt ? instant(lastUsedAt) : 'never',
    ])
    return [context.table(['ID', 'NAME', 'SCOPE', 'STATE', 'CREATED', 'EXPIRES', 'LAST USED'], rows)]
  })
}

/** Ends a token at once. */
export const revoke: Command<ActorOptions> = async (context, [id = ''], who) => {
  const store = await context.parts.store()
  const revoked = await context.waitFor('the store', async () =>
    revokeToken({ store }, { id, ...(await actingAs(context, who, 'admin')) }),
  )
  context.print(revoked, () => [`token ${revoked.id} is revoked, by ${safe(revoked.revokedBy)}`])
}
