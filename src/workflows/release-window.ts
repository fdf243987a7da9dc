import type { PlannedRelease } from '../activities/release-contracts'
import { Ended } from './endings'
import { quick } from './proxies'
import type { ReleaseDesk } from './release-desk'

/** A freeze is lifted by a person, who wakes what waits; this is the net under that. */
const lookAgainMs = 3_600_000

/** Waits for the window that all services share. A release that has begun is not stopped here: its upgrades look themselves. */
export async function releaseWindow(desk: ReleaseDesk, plan: PlannedRelease): Promise<void> {
  if (plan.begun) return
  const { releaseId } = desk.input
  for (;;) {
    const answer = await quick.releaseWindow.executeWithOptions({ summary: 'may it start now?' }, [
      { releaseId, now: Date.now() },
    ])
    desk.assertMayGoOn()
    if (answer.kind === 'open') return
    if (answer.kind === 'never')
      throw new Ended('refused', 'its services never share a window: bring their windows into line')
    const { opensAt, because } = answer
    const when = opensAt === null ? 'until it is lifted' : `until ${new Date(opensAt).toISOString()}`
    await desk.enter('window', {
      waitingFor: `the ${because}, ${when}`,
      message: `starts by itself after the ${because}`,
    })
    const woken = desk.wakes
    await desk.waitFor(() => !desk.mayGoOn || desk.wakes !== woken, {
      until: opensAt ?? Date.now() + lookAgainMs,
      summary: `${because} ${when}`,
    })
  }
}
