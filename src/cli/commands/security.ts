import { instant } from '../../domain/text'
import { lookUp } from '../../operations/lookup'
import { liftMark, markSecurity, securityMarks } from '../../operations/security'
import { actingAs, type ActorOptions } from '../acting'
import type { Command } from '../context'
import { safe } from '../render'

/** Marks a version as mending a vulnerability. */
export const mark: Command<ActorOptions & { reason: string }> = async (
  context,
  [name = '', version = ''],
  { reason, ...who },
) => {
  const store = await context.parts.store()
  const marked = await context.waitFor('the store', async () =>
    markSecurity(
      { store },
      { ...(await lookUp(store, name)), version, reason, ...(await actingAs(context, who, 'operator')) },
    ),
  )
  context.print(marked, () => [
    `${marked.namespace}/${marked.service}: ${version} ${marked.alreadyMarked ? 'was marked already' : `is marked (${marked.reason}) by ${marked.by}`}; ages don't hold it back`,
    ...(marked.idle === null ? [] : [context.paint('warn', safe(marked.idle))]),
    'next: refit scan',
  ])
}

/** Takes a mark back. */
export const lift: Command<ActorOptions> = async (context, [name = '', version = ''], who) => {
  const store = await context.parts.store()
  const lifted = await context.waitFor('the store', async () =>
    liftMark({ store }, { key: await lookUp(store, name), version, ...(await actingAs(context, who, 'operator')) }),
  )
  context.print(lifted, () => [
    `${lifted.namespace}/${lifted.service}: ${version} is an ordinary version again, by ${lifted.liftedBy}`,
    'next: refit scan',
  ])
}

/** The marks as a table. */
export const list: Command<unknown> = async (context) => {
  const store = await context.parts.store()
  const found = await context.waitFor('the store', () => securityMarks({ store }))
  context.print(found, () => {
    if (found.marks.length === 0) return ['no version is marked']
    const rows = found.marks.map(({ namespace, service, version, digest, reason, by, at }) => [
      ...[`${namespace}/${service}`, version, digest?.slice(0, 19) ?? 'from the next scan on', instant(at), by, reason],
    ])
    return [context.table(['SERVICE', 'VERSION', 'DIGEST', 'SINCE', 'BY', 'WHY'], rows)]
  })
}
