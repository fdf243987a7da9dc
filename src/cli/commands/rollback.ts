import { lookUp } from '../../operations/lookup'
import { rollback } from '../../operations/rollback'
import { actingAs, type ActorOptions } from '../acting'
import type { Command } from '../context'
import { safe } from '../render'

interface Options extends ActorOptions {
  reason: string
  dryRun?: boolean
}

/** Takes the last succeeded upgrade of a service back, or shows what that would do. */
export const run: Command<Options> = async (context, [name = ''], { reason, dryRun = false, ...options }) => {
  const { parts } = context
  const started = await context.waitFor('the store, the cluster and the registry', async () => {
    const [config, store, kubernetes, registry, temporal] = await Promise.all([
      parts.config(),
      parts.store(),
      parts.kubernetes(),
      parts.registry(),
      parts.temporal(),
    ])
    const who = { ...(await actingAs(context, options, 'operator')), reason }
    return rollback(
      { config, store, kubernetes, registry, temporal, environment: context.env },
      { key: await lookUp(store, name), dryRun, ...who },
    )
  })
  const { namespace, service, from, to, upgradeId, workloads, workflowId } = started
  context.print(started, () => [
    `${namespace}/${service} ${workflowId === null ? 'would go' : 'goes'} back from ${from} to ${to} (upgrade ${upgradeId})`,
    ...workloads.flatMap(({ workload, images }) => images.map((image) => safe(`  ${workload} ${image}`))),
    `once that is healthy, ${from} is quarantined: it is not offered again until a person lifts it`,
    workflowId === null
      ? `next: refit rollback ${namespace}/${service} --reason TEXT`
      : `next: refit status ${namespace}/${service}`,
  ])
}
