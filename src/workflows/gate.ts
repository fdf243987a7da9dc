import type { PlannedUpgrade, WindowAnswer } from '../activities/contracts'
import { closedWords, isFreeze, pausedWords, reasonOf, untilOpen } from './closed'
import type { Desk } from './desk'
import { Ended, PutBack } from './endings'
import { planning } from './proxies'
import { ask } from './window'

/**
 * Before every step that can't be taken as not done: a pause and a freeze hold it here, the safe point; what a closed
 * window means the policy says. A step that has begun is never cut off.
 */
export async function gate(desk: Desk, plan: PlannedUpgrade, step: string): Promise<void> {
  if (!desk.hasGates) return
  let hasWaited = await whilePaused(desk, plan)
  for (;;) {
    const { wakes } = desk.mailbox
    const { emergency } = desk.votes
    const answer = await ask(desk, plan, { summary: `may it ${step}?`, underway: true })
    if (desk.votes.paused) {
      hasWaited = await whilePaused(desk, plan)
      continue
    }
    const meaning = meaningOf(desk, plan, answer)
    if (meaning === 'go on') break
    if (meaning === 'put back') throw new PutBack(`the window closed before it could ${step}`)
    hasWaited = true
    const { waitingFor, message, opensAt } = closedWords(answer)
    await desk.wait(
      waitingFor || `a window: ${reasonOf(answer)}`,
      `stands still before it may ${step}; ${message}`,
      opensAt,
    )
    const done = (): boolean =>
      desk.mailbox.wakes !== wakes || desk.votes.paused !== undefined || desk.votes.emergency !== emergency
    await desk.waitFor(plan, done, untilOpen(answer))
  }
  if (hasWaited) await goOn(desk, plan, step)
  desk.hasWritten = true
}

/** Stands still as long as somebody has it paused; whether it did. */
export async function whilePaused(desk: Desk, plan: PlannedUpgrade): Promise<boolean> {
  if (!desk.hasGates) return false
  await desk.recorder.notes()
  let hasWaited = false
  for (let { paused } = desk.votes; paused; { paused } = desk.votes) {
    hasWaited = true
    await desk.wait(pausedWords(paused), 'stands still until it is resumed')
    await desk.waitFor(plan, () => !desk.votes.paused, { summary: 'paused' })
  }
  return hasWaited
}

/** Much may have changed while it stood still; once something is written, preflight finds nothing to check. */
async function goOn(desk: Desk, plan: PlannedUpgrade, step: string): Promise<void> {
  await desk.wait('', `goes on: ${step}`)
  const checked = await planning.preflight.executeWithOptions({ summary: `check ${plan.to} again` }, [plan])
  if (checked.kind === 'refused') throw new Ended('refused', checked.reason)
}

/** Before anything is written, putting back and waiting are the same, and waiting keeps the approval. */
function meaningOf(desk: Desk, plan: PlannedUpgrade, answer: WindowAnswer): 'go on' | 'wait' | 'put back' {
  if (answer.kind === 'open') return 'go on'
  if (isFreeze(answer)) return 'wait'
  if (!desk.hasWritten) return plan.whenWindowCloses ? 'wait' : 'go on'
  return plan.whenWindowCloses === undefined ? 'go on' : plan.whenWindowCloses === 'hold' ? 'wait' : 'put back'
}
