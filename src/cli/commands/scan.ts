import { scanScheduleId } from '../../domain/temporal-names'
import { followScans, scan, type ScanResult } from '../../operations/scan'
import type { Command, Context } from '../context'
import { withFirstWorker } from '../first-worker'
import { decisionCell } from '../words'

interface Options {
  wait?: boolean
  timeout: number
  watch?: boolean
}

/** `--wait` is the default and says nothing more. */
export const run: Command<Options> = async (context, _args, { wait = true, timeout, watch = false }) => {
  const [store, temporal] = await Promise.all([context.parts.store(), context.parts.temporal()])
  context.equivalent((of) => `temporal schedule trigger${of} --schedule-id ${scanScheduleId}`)
  const since = await store.scans.now()
  const ask = (say: (text: string) => void) => scan({ store, temporal }, { wait, timeoutMs: timeout, say })
  const waited = () => context.waitFor('Temporal and the store', ask)
  const result = watch ? await ask(lineByLine(context)) : await (wait ? withFirst(context, waited) : waited())
  context.print(result, () => resultLines(context, result))
  if (!watch) return
  const interrupted = context.io.interrupted()
  const ended = result.result ? await store.scans.last() : undefined
  await followScans(
    { store, temporal },
    {
      since: ended?.endedAt ?? since,
      signal: interrupted,
      seen: (found) => context.print(found, () => resultLines(context, found)),
    },
  )
}

async function withFirst<T>(context: Context, work: () => Promise<T>): Promise<T> {
  const { parts } = context
  const [config, store, temporal] = await Promise.all([parts.config(), parts.store(), parts.temporal()])
  return withFirstWorker(context, { config, store, temporal }, work)
}

/** Each new state on a line of its own, so that a log keeps it. */
function lineByLine({ io, paint }: Context): (text: string) => void {
  let said = ''
  return (text) => {
    if (text !== said) io.err(`${paint('dim', `waits for ${text}`)}\n`)
    said = text
  }
}

function resultLines(context: Context, { workflowId, alreadyRan, result: found }: ScanResult): string[] {
  const next = context.paint('dim', 'next: refit status')
  if (!found) return [`${alreadyRan ? 'a scan ran already' : 'triggered'}: ${workflowId}`, next]
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
    next,
  ]
}
