import { scan } from '../../operations/scan'
import type { Command } from '../context'
import { decisionCell } from '../words'

/** `--wait` is the default and says nothing more. */
export const run: Command<{ wait?: boolean; timeout: number }> = async (context, _args, { wait = true, timeout }) => {
  const { parts, paint } = context
  const result = await context.waitFor('Temporal and the store', async (say) => {
    const [store, temporal] = await Promise.all([parts.store(), parts.temporal()])
    return scan({ store, temporal }, { wait, timeoutMs: timeout, say })
  })
  context.print(result, () => {
    const { workflowId, alreadyRan, result: found } = result
    if (!found)
      return [`${alreadyRan ? 'a scan ran already' : 'triggered'}: ${workflowId}`, paint('dim', 'next: refit status')]
    const rows = found.decisions.map((decision) => [
      `${decision.namespace}/${decision.service}`,
      decision.current || '-',
      decisionCell(decision.kind, decision.reason),
      decision.candidate?.tag ?? '-',
      decision.policy ? `${decision.policy} (${decision.mode})` : '-',
    ])
    return [
      ...(alreadyRan ? ['a scan ran already; this is its result'] : []),
      ...(rows.length > 0 ? [context.table(['SERVICE', 'RUNNING', 'DECISION', 'CANDIDATE', 'POLICY'], rows), ''] : []),
      `${found.summary}${found.complete ? '' : '; not every image could be read, so this is not the whole truth'}`,
      ...(found.started.length > 0 ? [`started: ${found.started.join(', ')}`] : []),
      paint('dim', 'next: refit status'),
    ]
  })
}
