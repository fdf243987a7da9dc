import type { HubTemporal } from '../../operations/temporal'
import { lookUp } from '../../operations/lookup'
import type { abort, VoteRequest, VoteResult } from '../../operations/vote'
import { actor, type Context } from '../context'
import { safe } from '../render'

/** What became of a vote, how Temporal's own CLI says the same, and where to watch it. JSON: VoteResult and `webUi`. */
export function printVote(context: Context, { namespace }: Pick<HubTemporal, 'namespace'>, result: VoteResult): void {
  const base = context.env.TEMPORAL_UI_URL?.trim().replace(/\/+$/, '')
  const webUi = base
    ? `${base}/namespaces/${encodeURIComponent(namespace)}/workflows/${encodeURIComponent(result.workflowId)}`
    : null
  context.print({ ...result, webUi }, () => [
    context.paint(
      result.delivered === 'update' ? 'good' : 'warn',
      safe(
        `${result.vote} of ${result.namespace}/${result.service} ${result.from} → ${result.to} by ${result.by}: ${result.message}`,
      ),
    ),
    `plan ${result.planHash}, upgrade ${result.upgradeId}`,
    context.paint('dim', `equivalent: ${result.equivalent}`),
    ...(webUi ? [context.paint('dim', `web: ${webUi}`)] : []),
    `next: refit status ${result.namespace}/${result.service}`,
  ])
}

/** Casts one kind of vote on a service's upgrade and prints what became of it. */
export async function castVote(
  context: Context,
  vote: typeof abort,
  { name, by, ...said }: { name: string; by: string | undefined } & Omit<VoteRequest, 'key' | 'by'>,
): Promise<void> {
  const { parts } = context
  const [store, temporal] = await context.waitFor('the store and Temporal', () =>
    Promise.all([parts.store(), parts.temporal()]),
  )
  const key = await lookUp(store, name)
  const result = await context.waitFor('the upgrade to answer', () =>
    vote({ store, temporal }, { key, by: actor(context, by), ...said }),
  )
  printVote(context, temporal, result)
}
