import { lookUp } from '../../operations/lookup'
import { resolve } from '../../operations/resolve'
import { actor, type Command } from '../context'

interface Options {
  reason: string
  by?: string
  force?: boolean
}

/** Records a repair once the cluster matches, and says which images it runs. */
export const run: Command<Options> = async (context, [name = ''], { reason, by, force = false }) => {
  const { parts } = context
  const resolution = await context.waitFor('the store and the cluster', async () => {
    const [store, kubernetes, config] = await Promise.all([parts.store(), parts.kubernetes(), parts.config()])
    return resolve(
      { store, kubernetes, config },
      { key: await lookUp(store, name), by: actor(context, by), reason, force },
    )
  })
  context.print(resolution, () => [
    `upgrade ${resolution.upgradeId} of ${resolution.namespace}/${resolution.service} is resolved by ${resolution.by}`,
    resolution.forced
      ? context.paint('warn', 'forced: the cluster runs neither all old nor all new images')
      : `the cluster runs the ${resolution.matches} images`,
    'next: refit scan',
  ])
}
