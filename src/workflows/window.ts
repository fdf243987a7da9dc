import type { PlannedUpgrade, WindowAnswer } from '../activities/contracts'
import { betweenWakesMs, closedWords, isData, isFreeze, pausedWords, untilOpen } from './closed'
import type { Desk } from './desk'
import { Ended } from './endings'
import { briefly, inPlace, quick } from './proxies'
import { keyOf } from './upgrade-key'

/**
 * Waits until it may start: for its window, for the end of a freeze, for whoever paused it. False when an approval was
 * taken back meanwhile, so that it must be asked for again; true once it is underway.
 */
export async function window(desk: Desk, plan: PlannedUpgrade): Promise<boolean> {
  for (;;) {
    const looked = Date.now()
    const { accepted, wakes } = desk.mailbox
    const answer = inRelease(desk, plan, await ask(desk, plan, startOf(desk)))
    await desk.votesRead()
    desk.assertMayGoOn()
    if (plan.approvalRequired && !desk.isApproved) {
      desk.askAnew()
      return false
    }
    const { paused } = desk.votes
    if (answer.kind === 'open' && !paused) {
      desk.begin()
      return true
    }
    if (answer.kind === 'never' && !paused) throw new Ended('refused', answer.because ?? neverOpens)
    await show(desk, answer)
    const done = (): boolean => !desk.mayGoOn || desk.mailbox.accepted !== accepted || desk.mailbox.wakes !== wakes
    await desk.waitFor(plan, done, untilOpen(answer))
    if (desk.mailbox.wakes !== wakes)
      await desk.waitFor(plan, () => !desk.mayGoOn || desk.mailbox.accepted !== accepted, {
        until: looked + betweenWakesMs,
        summary: 'it looked a moment ago',
      })
  }
}

/** A release has waited for the window that its services share: its upgrades go on in it, as if each were underway. */
const startOf = ({ input }: Desk): { summary: string; underway?: true; start: true } => ({
  summary: 'may it start now?',
  start: true,
  ...(input.release ? { underway: true } : {}),
})

/** What a window that has closed meanwhile means, the policy says: by default a release finishes; a freeze stops it. */
const inRelease = ({ input }: Desk, plan: PlannedUpgrade, answer: WindowAnswer): WindowAnswer =>
  input.release && !plan.whenWindowCloses && !isFreeze(answer) && !isData(answer) ? { kind: 'open' } : answer

const neverOpens = 'no window of the policy ever opens outside its freezes'

/** Asks the one place that knows windows, freezes and the freeze switch. */
export function ask(
  { votes, isBrief }: Desk,
  plan: PlannedUpgrade,
  { summary, underway, start }: { summary: string; underway?: true; start?: true },
): Promise<WindowAnswer> {
  const { emergency } = votes
  const question = {
    ...keyOf(plan),
    now: Date.now(),
    ...(emergency ? { emergency: { overrideFreeze: emergency.overrideFreeze } } : {}),
    ...(underway ? { underway } : {}),
    ...(start ? { start } : {}),
  }
  const asActivity = () => quick.window.executeWithOptions({ summary }, [question])
  return isBrief ? briefly(() => inPlace.window(question), asActivity) : asActivity()
}

async function show(desk: Desk, answer: WindowAnswer): Promise<void> {
  const { paused } = desk.votes
  const closed = closedWords(answer)
  const said = paused
    ? { ...closed, waitingFor: pausedWords(paused), message: closed.message || 'starts once it is resumed' }
    : closed
  const shown = JSON.stringify([said.waitingFor, said.message])
  // The row in the store is kept under the phase's key: the same again would be no news.
  if (desk.status.phase === 'window' && desk.shown === shown) return
  const anew = desk.shown !== shown
  desk.shown = shown
  await desk.enter('window', said, anew)
}
