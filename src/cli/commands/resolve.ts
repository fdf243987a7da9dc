import { lookUp } from '../../operations/lookup'
import { resolve } from '../../operations/resolve'
import { actor, type Command } from '../context'

interface Options {
  reason: string
  by?: string
  force?: boolean
  as?: 'succeeded' | 'rolled-back'
}

/** Records a repair once the cluster matches, and says which images it runs. */
export const run: Command<Options> = async (context, [name = ''], { reason, by, force = false, as }) => {
  const { parts } = context
  const resolution = await context.waitFor('the store and the cluster', async () => {
    const [store, kubernetes, config] = await Promise.all([parts.store(), parts.kubernetes(), parts.config()])
    return resolve(
      { store, kubernetes, config },
      { key: await lookUp(store, name), by: actor(context, by), reason, force, as },
    )
  })
  context.print(resolution, () => [
    `upgrade ${resolution.upgradeId} of ${resolution.namespace}/${resolution.service} is resolved${resolution.as ? ` as ${resolution.as}` : ''} by ${resolution.by}`,
    resolution.forced
      ? context.paint('warn', 'forced: the cluster runs neither all old nor all new images')
      : `the cluster runs the ${resolution.matches} images`,
    ...(resolution.as === 'rolled-back' ? ['its digest is quarantined: refit quarantine lift offers it again'] : []),
    resolution.dataLeft ? `next: refit data start ${resolution.namespace}/${resolution.service}` : 'next: refit scan',
  ])
}
