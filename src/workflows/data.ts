import { CancellationScope, ContinueAsNew, patched } from '@temporalio/workflow'
import type { UpgradeKey } from '../activities/contracts'
import type { PlannedData } from '../activities/data-contracts'
import type { DataStatus } from '../domain/data-status'
import type { DataPhase } from '../domain/migration'
import { contractApproval } from './data-approval'
import { DataDesk, type DataWaiting } from './data-desk'
import { type DataResult, earlierData } from './data-earlier'
import { dataEndingOf } from './data-endings'
import { beforeContract, contractWindow, toItsEnd, untilThawed } from './data-steps'
import { Ended } from './endings'
import { quick, watching } from './proxies'

/**
 * Backfill, then contract, after a succeeded upgrade. A failure holds and pages; it never rolls an image back, because
 * the new version runs well on the expanded schema. The workflow id is the lock of the service's data.
 */
export async function data(key: UpgradeKey, waiting?: DataWaiting | DataPhase): Promise<DataStatus | DataResult> {
  const earlier = typeof waiting === 'string' ? waiting : undefined
  if (!patched('data-has-a-desk')) return earlierData(key, earlier)
  const desk = new DataDesk(key, typeof waiting === 'string' ? undefined : waiting)
  try {
    await desk.untilAborted(async () => {
      const plan = desk.plan ?? (await open(desk, key))
      await backfill(desk, plan)
      if (plan.contract.length === 0) return desk.done()
      do await contractApproval(desk, plan)
      while (!(await contractWindow(desk, plan)))
      await contract(desk, plan)
      desk.done()
    })
  } catch (error) {
    if (error instanceof ContinueAsNew) throw error
    return CancellationScope.nonCancellable(() => stop(desk, error))
  }
  return CancellationScope.nonCancellable(() => desk.end('succeeded', doneWords(desk)))
}

async function open(desk: DataDesk, key: UpgradeKey): Promise<PlannedData> {
  const plan = await quick.openData.executeWithOptions({ summary: 'what is to be done' }, [key])
  desk.planned(plan)
  if (plan.problem !== undefined) throw new Ended('held', plan.problem)
  return plan
}

/** Fills until the proof of each finds nothing left; a pause, a freeze and an abort stop it after a batch. */
async function backfill(desk: DataDesk, plan: PlannedData): Promise<void> {
  if (desk.backfilled) return
  if (plan.backfill.length > 0)
    await desk.enter('backfill', { message: plan.backfill.map(({ title }) => title).join(', then ') })
  for (const { index, title } of plan.backfill)
    await toItsEnd(desk, {
      mayGo: () => untilThawed(desk, plan, title),
      call: () => watching.backfill.executeWithOptions({ summary: title }, [{ ...desk.key(plan), index }]),
    })
  desk.backfilled = true
}

/** The point of no return: each source is looked at again before it, and what is done stays done. */
async function contract(desk: DataDesk, plan: PlannedData): Promise<void> {
  await desk.enter('contract', { message: plan.contract.map(({ title }) => title).join(', then ') })
  for (const { index, title } of plan.contract)
    await toItsEnd(desk, {
      mayGo: () => beforeContract(desk, plan, title),
      call: () => watching.contract.executeWithOptions({ summary: title }, [{ ...desk.key(plan), index }]),
    })
}

/** Ends the story where it could not go on. What was written stays: it is a person's to decide. */
async function stop(desk: DataDesk, error: unknown): Promise<DataStatus> {
  // It was too late to stop it.
  if (desk.isDone) return desk.end('succeeded', doneWords(desk))
  const { outcome, message, who } = dataEndingOf(error, desk.stop)
  return desk.end(outcome, message, who)
}

const doneWords = ({ plan }: DataDesk): string =>
  plan && plan.contract.length > 0 ? 'backfill and contract are done' : 'the backfill is done; there is no contract'
