import type { PlannedUpgrade, PlanResult, UpgradeInput } from '../activities/contracts'
import { approval } from './approval'
import type { Desk } from './desk'
import { Ended, StoppedBy } from './endings'
import { planning, quick } from './proxies'
import { window } from './window'

/** The plan that it is carried out by: a new one, the way back of an earlier upgrade, or the one that it began with. */
export async function makePlan(desk: Desk, input: UpgradeInput): Promise<PlannedUpgrade> {
  const made = await planned(input)
  if (made.kind !== 'planned') throw new Ended(made.kind, made.reason)
  desk.planned(made.plan)
  return made.plan
}

function planned(input: UpgradeInput): Promise<PlanResult> {
  const { service, candidate, rollbackOf, resume } = input
  if (resume) return quick.reopen.executeWithOptions({ summary: `go on at ${resume.from}` }, [resume])
  if (rollbackOf)
    return planning.planRollback.executeWithOptions({ summary: `the way back to ${candidate.tag}` }, [
      { ...input, rollbackOf },
    ])
  return planning.plan.executeWithOptions({ summary: `plan ${service} ${candidate.tag}` }, [input])
}

/**
 * Waits until it may start: for people's yes, then for its window. What a person asked for by hand starts at once, and
 * what had begun before its workflow was lost goes on; `undoAll` registers the undo of whatever it may have changed.
 */
export async function begin(desk: Desk, plan: PlannedUpgrade, undoAll: () => void): Promise<void> {
  const { rollbackOf, resume } = desk.input
  const asked = rollbackOf ?? resume
  // A rollback is how an incident ends: neither a window nor the freeze that was set because of it keeps it waiting.
  if (plan.goesBack && asked)
    desk.votes = { ...desk.votes, emergency: { by: asked.by, reason: asked.reason, overrideFreeze: true } }
  if (resume && (plan.goesBack || resume.from !== 'approval')) {
    desk.begin()
    if (resume.from === 'approval' || resume.from === 'preflight') return
    undoAll()
    desk.hasWritten = true
    if (resume.from === 'rollback') throw new StoppedBy(resume)
    return
  }
  if (plan.goesBack) return desk.begin()
  do await approval(desk, plan)
  while (!(await window(desk, plan)))
}
