import { remainsOf } from '../../operations/remains'
import { uninstall, type Uninstalled } from '../../operations/uninstall'
import { actingAs, type ActorOptions } from '../acting'
import type { Command } from '../context'
import { load } from '../lazy'
import { safe } from '../render'

/** Removes the Schedules, and lists what remains. */
export const run: Command<ActorOptions & { dryRun?: boolean }> = async (context, _args, { dryRun = false, ...who }) => {
  const { parts, env } = context
  const [config, store, temporal] = await Promise.all([parts.config(), parts.store(), parts.temporal()])
  const actor = await actingAs(context, who, 'admin')
  const done = await context.waitFor('Temporal and the store', () =>
    uninstall({ store, temporal }, { ...actor, dryRun }, context.io.now()),
  )
  const remains = await remainsOf({
    ...{ config, environment: env, temporalNamespace: temporal.namespace },
    store: load.storeConnection().placeOf(env.DATABASE_URL ?? ''),
  })
  for (const id of done.schedules) context.equivalent((of) => `temporal schedule delete${of} --schedule-id ${id}`)
  const result: Uninstalled = { ...done, remains }
  context.print(result, () => [
    done.schedules.length > 0
      ? `${dryRun ? 'would remove' : 'removed'} the Schedules ${done.schedules.join(', ')}`
      : 'there are no Schedules',
    ...(done.workers > 0
      ? [
          context.paint(
            'warn',
            `${done.workers} worker${done.workers === 1 ? '' : 's'} still ask for work: stop them now, one that starts anew makes the Schedules again`,
          ),
        ]
      : []),
    'what remains:',
    ...remains.flatMap(({ what, remove }) => [safe(`- ${what}`), ...(remove ? [safe(`  ${remove}`)] : [])]),
  ])
}
