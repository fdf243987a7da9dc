import { patched } from '@temporalio/workflow'
import type { PlannedRelease } from '../activities/release-contracts'
import { betweenWakesMs, lookAgainMs } from './closed'
import { Ended } from './endings'
import { quick } from './proxies'
import { askAnew } from './release-approval'
import type { ReleaseDesk } from './release-desk'

/**
 * Waits for the window that all services share. False when the approval was taken back meanwhile; true once it is
 * underway. A release that has begun is not stopped here: its upgrades look themselves.
 */
export async function releaseWindow(desk: ReleaseDesk, plan: PlannedRelease): Promise<boolean> {
  const { releaseId } = desk.input
  while (!plan.begun) {
    const looked = Date.now()
    const { accepted, wakes } = desk.mailbox
    const question = { releaseId, now: looked }
    const answer = await quick.releaseWindow.executeWithOptions({ summary: 'may it start now?' }, [question])
    await desk.votesRead()
    desk.assertMayGoOn()
    if (plan.approvalRequired && !plan.approved && !desk.isApproved) {
      await askAnew(desk)
      return false
    }
    if (answer.kind === 'open' && !desk.votes.paused) break
    if (answer.kind === 'never') throw new Ended('refused', `its services never share a window: ${answer.because}`)
    const { paused } = desk.votes
    const closed = answer.kind === 'open' ? undefined : answer
    const until = closed?.opensAt ?? Date.now() + lookAgainMs
    const when = closed?.opensAt ? `until ${new Date(closed.opensAt).toISOString()}` : 'until a person lifts it'
    const waitingFor = paused ? `a resume: paused by ${paused.by}` : `the ${closed?.because}, ${when}`
    await desk.waitsForWindow(waitingFor)
    const isOver = (): boolean => !desk.mayGoOn || desk.mailbox.accepted !== accepted
    await desk.waitFor(() => isOver() || desk.mailbox.wakes !== wakes, { until, summary: waitingFor })
    if (desk.mailbox.wakes !== wakes && patched('window-of-a-release-looks-seldom'))
      await desk.waitFor(isOver, { until: looked + betweenWakesMs, summary: 'it looked a moment ago' })
  }
  desk.begin()
  return true
}

/** Stands still before a wave as long as somebody has it paused. */
export async function whilePaused(desk: ReleaseDesk, wave: number): Promise<void> {
  await desk.votesRead()
  for (let { paused } = desk.votes; paused; { paused } = desk.votes) {
    const waitingFor = `a resume: paused by ${paused.by}`
    const message = `paused before wave ${wave + 1}${paused.reason ? `: ${paused.reason}` : ''}`
    await desk.enter('rollout', { waitingFor, message }, `paused/${wave + 1}/${paused.at}`)
    await desk.waitFor(() => !desk.votes.paused, { summary: 'paused' })
  }
}
