import { instant } from '../../domain/text'
import { endSessionsOf, listSessions } from '../../operations/sessions'
import { actor, type Command } from '../context'
import { safe } from '../render'

/** Who is logged in to the page. */
export const list: Command<unknown> = async (context) => {
  const [store, config] = await Promise.all([context.parts.store(), context.parts.config()])
  const found = await context.waitFor('the store', () => listSessions({ store, config }))
  context.print(found, () => {
    if (found.sessions.length === 0) return ['nobody is logged in to the page']
    const rows = found.sessions.map(({ name, via, startedAt, lastUsedAt, expiresAt }) => [
      ...[name, via, instant(startedAt), instant(lastUsedAt), instant(expiresAt)],
    ])
    return [context.table(['NAME', 'BY', 'SINCE', 'LAST USED', 'AT MOST UNTIL'], rows)]
  })
}

/** Logs somebody out everywhere. */
export const end: Command<{ by?: string }> = async (context, [name = ''], { by }) => {
  const store = await context.parts.store()
  const { ended } = await context.waitFor('the store', () => endSessionsOf({ store }, { name, by: actor(context, by) }))
  context.print({ name, ended }, () => [
    `${safe(name)} is logged out of the page, ${ended} ${ended === 1 ? 'session' : 'sessions'}`,
    context.paint('dim', 'who may log in again: tokens (refit token revoke), or the OIDC provider'),
  ])
}
