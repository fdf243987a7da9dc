import { CancellationScope, ContinueAsNew } from '@temporalio/workflow'
import type { PlannedUpgrade, UpgradeInput, UpgradeKey } from '../activities/contracts'
import { workloadId } from '../domain/service'
import type { UpgradeStatus } from '../domain/status'
import { backfill } from './backfill'
import { begin, makePlan } from './begin'
import { Compensations } from './compensations'
import { Desk } from './desk'
import { diagnosed } from './diagnosed'
import { assertHealthy, Ended, endingOf } from './endings'
import { startData } from './data-start'
import { gate, whilePaused } from './gate'
import { planning, quick, undoing, watching } from './proxies'
import { endingInRelease, untilReleased } from './release-child'
import { stages } from './stages'
import { keyOf } from './upgrade-key'
import type { Waiting } from './waiting'

/** Takes one service to its candidate while it serves, or puts it back as it was. The workflow id is the service's lock. */
export async function upgrade(input: UpgradeInput, waiting?: Waiting): Promise<UpgradeStatus> {
  const desk = new Desk(input, waiting)
  const undo = new Compensations()
  try {
    await desk.untilAborted(async () => {
      const plan = waiting?.plan ?? (await makePlan(desk, input))
      await begin(desk, plan, () => putsAllBack(plan, undo))
      await preflight(desk, plan)
      await expand(desk, plan, undo)
      await backfill(desk, plan)
      await rollout(desk, plan, undo)
      await bake(desk, plan)
      await untilReleased(desk, input)
    })
  } catch (error) {
    if (error instanceof ContinueAsNew) throw error
    return CancellationScope.nonCancellable(() => putBack(desk, undo, error))
  }
  return CancellationScope.nonCancellable(async () => {
    await leaveBehind(desk, input)
    await desk.end('succeeded', `${desk.plan?.to} runs and stayed healthy`)
    await startData(input, desk.plan)
    return desk.status
  })
}

/** Everything is checked again before the first write, and what runs now is remembered once (laws 3 and 4). */
async function preflight(desk: Desk, plan: PlannedUpgrade): Promise<void> {
  // What was checked before its workflow was lost would look like somebody's change now.
  if (desk.input.resume?.from === 'expand') return
  await desk.enter('preflight', { message: 'checking everything again before the first write' })
  const checked = await planning.preflight.executeWithOptions({ summary: `check ${plan.to}` }, [plan])
  if (checked.kind === 'refused') throw new Ended('refused', checked.reason)
}

/** Additive migrations. Their undo is to keep them: old code runs on the expanded schema (law 5). */
async function expand(desk: Desk, plan: PlannedUpgrade, undo: Compensations): Promise<void> {
  if (plan.expand.length === 0) return
  const prepared = (plan.prepare ?? []).map(({ name }) => `prepare ${name}`)
  await desk.enter('expand', { message: [...prepared, ...plan.expand].join(', then ') })
  await prepare(desk, plan, undo)
  for (const [index, title] of plan.expand.entries()) {
    await gate(desk, plan, title)
    assertHealthy(await watching.migrate.executeWithOptions({ summary: title }, [{ ...plan, index }]))
  }
}

/** Old pods that are made anew later start on the newer schema: with the new init containers, which migrate here. */
async function prepare(desk: Desk, plan: PlannedUpgrade, undo: Compensations): Promise<void> {
  for (const workload of plan.prepare ?? []) {
    await gate(desk, plan, `prepare ${workload.name}`)
    const key = putsBack(plan, workload, undo)
    const summary = `${workload.name} at ${plan.from} with the init containers of ${plan.to}`
    assertHealthy(await watching.prepare.executeWithOptions({ summary }, [key]))
  }
}

type Workload = PlannedUpgrade['workloads'][number]

/** Registers the undo of whatever changes this workload. */
function putsBack(plan: PlannedUpgrade, workload: Workload, undo: Compensations): UpgradeKey & { workload: Workload } {
  const key = { ...keyOf(plan), workload }
  undo.add(workloadId(workload), () =>
    undoing.rollback.executeWithOptions({ summary: `restore ${workload.name} to ${plan.from}` }, [key]),
  )
  return key
}

/** Of what an earlier workflow may have changed; the last workload is put back first. */
function putsAllBack(plan: PlannedUpgrade, undo: Compensations): void {
  for (const workload of [...(plan.prepare ?? []), ...plan.workloads]) putsBack(plan, workload, undo)
}

async function rollout(desk: Desk, plan: PlannedUpgrade, undo: Compensations): Promise<void> {
  await desk.enter('rollout', { message: `rolling ${plan.workloads.map((workload) => workload.name).join(', then ')}` })
  if (plan.together) for (const workload of plan.workloads) putsBack(plan, workload, undo)
  for (const workload of plan.workloads) {
    await gate(desk, plan, `roll ${workload.name}`)
    const key = putsBack(plan, workload, undo)
    await stages(desk, plan, workload)
    assertHealthy(await watching.rollout.executeWithOptions({ summary: `${workload.name} → ${plan.to}` }, [key]))
  }
}

async function bake(desk: Desk, plan: PlannedUpgrade): Promise<void> {
  await desk.enter('bake', { message: `watching the new pods for ${Math.round(plan.bakeMs / 1000)} s` })
  assertHealthy(await watching.bake.executeWithOptions({ summary: `bake ${plan.to}` }, [plan]))
  await whilePaused(desk, plan)
}

/** What a person rolled back from isn't offered again by the next scan. */
async function leaveBehind({ plan }: Desk, { rollbackOf, resume }: UpgradeInput): Promise<void> {
  const asked = rollbackOf ?? resume
  if (!plan?.goesBack || !asked) return
  const reason = `rolled back by ${asked.by}: ${asked.reason}`
  await quick.quarantine.executeWithOptions({ summary: plan.from }, [{ ...keyOf(plan), reason }])
}

/** Ends the story when it could not go on: undo in reverse, or leave the hub to a person where nobody can tell. */
async function putBack(desk: Desk, undo: Compensations, error: unknown): Promise<UpgradeStatus> {
  const ending = await endingInRelease(desk, endingOf(error, desk.stop))
  const { offeredAgain, heldReason } = ending
  const extra = { ...ending.who, ...(offeredAgain ? { offeredAgain } : {}), ...(heldReason ? { heldReason } : {}) }
  const { plan } = desk
  const diagnosis = diagnosed(desk, error)
  if (!plan || ending.hub === 'leave') {
    await diagnosis
    return desk.end(ending.outcome, ending.message, extra)
  }
  if (!undo.isEmpty) await desk.enter('rollback', { message: ending.message })
  const { failed, unproven } = await undo.run()
  // Also when the undo failed: once it is repaired by hand, the digest must not come back by itself.
  if (ending.quarantine && !plan.goesBack) await quick.quarantine({ ...keyOf(plan), reason: ending.message })
  await diagnosis
  if (failed.length > 0) {
    const message = `${ending.message}; putting it back failed: ${failed.join('; ')}`
    return desk.end('held', message, { heldReason: 'undo-failed' })
  }
  if (unproven.length > 0) {
    const message = `${ending.message}; put back, but nobody can tell yet: ${unproven.join('; ')}`
    return desk.end('held', message, { heldReason: 'not-yet-run' })
  }
  return desk.end(ending.outcome, ending.message, extra)
}
