import type { PlannedUpgrade } from '../activities/contracts'
import type { Desk } from './desk'
import { Ended } from './endings'

/** Waits for a person's yes to this plan hash, as long as the policy lets a question stay open. */
export async function approval(desk: Desk, plan: PlannedUpgrade): Promise<void> {
  if (!plan.approvalRequired || desk.isApproved) return
  const askedAt = await desk.enter('approval', {
    waitingFor: `an approval of plan ${plan.planHash}`,
    message: `${plan.from} → ${plan.to} waits for a person`,
  })
  await desk.waitFor(plan, () => desk.votes.status !== 'waiting', {
    until: askedAt + plan.expiresMs,
    summary: 'waits for an approval until the request expires',
  })

  desk.assertMayGoOn()
  const { by, reason } = desk.votes
  if (!desk.isApproved)
    throw new Ended('expired', `nobody answered within ${Math.round(plan.expiresMs / 60_000)} minutes`)
  await desk.note('approved', reason ? `approved by ${by}: ${reason}` : `approved by ${by}`, by)
}
