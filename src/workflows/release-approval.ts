import { patched } from '@temporalio/workflow'
import type { PlannedRelease } from '../activities/release-contracts'
import { waitsForWords } from '../domain/approval-status'
import { durationWords, instant } from '../domain/text'
import { endSnooze, expiresAt, nextMoment, tallyWords } from '../domain/votes'
import { Ended } from './endings'
import type { ReleaseDesk } from './release-desk'

/** One yes to the whole release: to every plan of it in its order. */
export async function releaseApproval(desk: ReleaseDesk, plan: PlannedRelease): Promise<void> {
  if (!plan.approvalRequired || plan.begun || (plan.approved && desk.votes.approvals.length === 0)) return
  if (!desk.isApproved) await ask(desk, plan)
  while (desk.votes.status === 'waiting') {
    const { snooze } = desk.votes
    const { expiresMs, escalateMs } = plan.rules
    const question = { askedAt: desk.askedAt ?? Date.now(), expiresMs, escalateMs, escalated: desk.escalated }
    const next = nextMoment(desk.votes, question)
    const isOver = (): boolean => desk.votes.status !== 'waiting' || desk.votes.snooze !== snooze
    await desk.waitFor(isOver, { until: next.at, summary: `waits for an approval until it ${next.kind}` })
    await desk.votesRead()
    if (Date.now() < next.at || isOver()) continue
    const tally = tallyWords(desk.votes, desk.rules)
    if (next.kind === 'expires') throw new Ended('expired', `${tally} within ${durationWords(expiresMs)}`)
    if (next.kind === 'escalates') desk.escalated = true
    else desk.votes = endSnooze(desk.votes, Date.now())
    const end = instant(expiresAt(desk.votes, question))
    const key = `${next.kind}/${desk.asked}/${next.at}`
    await desk.record({ key, kind: 'escalated', message: `${tally}; the question expires at ${end}` })
  }
  desk.assertMayGoOn()
  if (patched('votes-of-a-release-before-its-approval')) await desk.recordNotes()
  const { by, verified, reason } = desk.votes
  const message = reason ? `approved by ${by}: ${reason}` : `approved by ${by}`
  await desk.record({ key: `approved/${desk.asked}`, kind: 'approved', message, by, verified })
}

async function ask(desk: ReleaseDesk, plan: PlannedRelease): Promise<void> {
  if (desk.askedAt === undefined) desk.asked += 1
  desk.askedAt ??= Date.now()
  const count = plan.waves.flat().length
  await desk.enter(
    'approval',
    {
      waitingFor: waitsForWords(plan.planHash, desk.votes, desk.rules),
      message: `${count} ${count === 1 ? 'service' : 'services'} in ${plan.waves.length} ${plan.waves.length === 1 ? 'wave' : 'waves'} wait for a person`,
    },
    desk.asked > 1 ? `approval/${desk.asked}` : 'approval',
  )
}

/** An approval was taken back: the question is put again, with all of its time. */
export async function askAnew(desk: ReleaseDesk): Promise<void> {
  await desk.record({ key: `withdrawn/${desk.asked}`, kind: 'withdrawn', message: 'the approval was withdrawn' })
  desk.votes = { ...endSnooze(desk.votes, Date.now()), stoodMs: 0 }
  desk.askedAt = undefined
  desk.escalated = false
}
