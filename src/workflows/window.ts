import type { PlannedUpgrade } from '../activities/contracts'
import type { Desk } from './desk'
import { Ended } from './endings'
import { quick } from './proxies'
import { keyOf } from './upgrade-key'

/** Waits for the policy's window, if one is needed. A freeze that began meanwhile is seen when the timer fires. */
export async function window(desk: Desk, plan: PlannedUpgrade): Promise<void> {
  for (;;) {
    const answer = await quick.window.executeWithOptions({ summary: 'may it start now?' }, [
      { ...keyOf(plan), now: Date.now() },
    ])
    desk.assertMayGoOn()
    if (answer.kind === 'open') return
    if (answer.kind === 'never') throw new Ended('refused', answer.because)
    const until = answer.opensAt ?? Date.now() + 3_600_000
    const opensAt = new Date(until).toISOString()
    await desk.enter('window', {
      waitingFor: `the ${answer.because} until ${opensAt}`,
      message: `starts by itself at ${opensAt}`,
    })
    await desk.waitFor(plan, () => !desk.mayGoOn, { until, summary: `window opens at ${opensAt}` })
  }
}
