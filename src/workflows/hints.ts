import { continueAsNew, executeChild, log, setHandler, sleep, workflowInfo } from '@temporalio/workflow'
import { hintedScanId } from '../domain/temporal-names'
import { hintSignal } from './messages'
import { scan } from './scan'

/** Pushes come in bursts: an image per service, a tag per platform. */
const settleMs = 1_000
const maxHinted = 1_000

/**
 * Scans the repositories that hints name, together where they come together. A hint is only a reason to look: what is
 * true is asked of the registry. Hints that arrive meanwhile are scanned next.
 */
export async function hints(hinted: string[] = []): Promise<void> {
  const waiting = new Set(hinted)
  setHandler(hintSignal, (repositories: unknown) => {
    if (!Array.isArray(repositories)) return
    for (const each of repositories) if (typeof each === 'string' && waiting.size < maxHinted) waiting.add(each)
  })
  do {
    await sleep(settleMs)
    const only = [...waiting].sort()
    waiting.clear()
    if (only.length === 0) continue
    await executeChild(scan, { workflowId: hintedScanId, args: [{ only }] }).catch((error: unknown) =>
      log.warn('a hinted scan failed; the next scan looks at everything', { error: String(error) }),
    )
    if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof hints>([...waiting])
  } while (waiting.size > 0)
}
