import type { PlannedRelease } from '../activities/release-contracts'
import type { ReleaseDesk } from './release-desk'
import { Ended } from './endings'

/** One yes to the whole release: to every plan of it in its order. */
export async function releaseApproval(desk: ReleaseDesk, plan: PlannedRelease): Promise<void> {
  if (!plan.approvalRequired || plan.approved || desk.isApproved) return
  const askedAt = await desk.enter('approval', {
    waitingFor: `an approval of plan ${plan.planHash}`,
    message: `${plan.waves.flat().length} services in ${plan.waves.length} waves wait for a person`,
  })
  await desk.waitFor(() => desk.votes.status !== 'waiting', {
    until: askedAt + plan.rules.expiresMs,
    summary: 'waits for an approval until the request expires',
  })

  desk.assertMayGoOn()
  const { by, reason } = desk.votes
  if (!desk.isApproved)
    throw new Ended('expired', `nobody answered within ${Math.round(plan.rules.expiresMs / 60_000)} minutes`)
  await desk.note('approved', reason ? `approved by ${by}: ${reason}` : `approved by ${by}`, by)
}
