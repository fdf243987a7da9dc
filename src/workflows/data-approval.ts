import type { PlannedData } from '../activities/data-contracts'
import { waitsForWords } from '../domain/approval-status'
import { durationWords, instant } from '../domain/text'
import { endSnooze, expiresAt, nextMoment, tallyWords } from '../domain/votes'
import type { DataDesk } from './data-desk'
import { Ended } from './endings'

/** Waits for people's yes to the contract of this plan, where the policy asks for one of its own. */
export async function contractApproval(desk: DataDesk, plan: PlannedData): Promise<void> {
  desk.assertMayGoOn()
  if (!desk.asks || desk.isApproved) return
  const rules = plan.rules.approval
  const isNew = desk.askedAt === undefined
  const askedAt = (desk.askedAt ??= Date.now())
  const waitingFor = waitsForWords(plan.planHash, desk.votes, desk.rules)
  const message = `the contract of ${plan.namespace}/${plan.service} ${plan.to} waits for a person: ${titles(plan)}`
  await desk.enter('approval', { waitingFor, message }, isNew)
  while (desk.votes.status === 'waiting') {
    const { snooze } = desk.votes
    const next = nextMoment(desk.votes, { askedAt, ...rules, escalated: desk.escalated })
    const isOver = (): boolean => desk.votes.status !== 'waiting' || desk.votes.snooze !== snooze
    await desk.waitFor(isOver, { until: next.at, summary: `waits for an approval until it ${next.kind}` })
    await desk.votesRead()
    if (Date.now() < next.at || isOver()) continue
    if (next.kind === 'expires')
      throw new Ended('expired', `${tallyWords(desk.votes, desk.rules)} within ${durationWords(rules.expiresMs)}`)
    if (next.kind === 'escalates') desk.escalated = true
    else desk.votes = endSnooze(desk.votes, Date.now())
    const end = expiresAt(desk.votes, { askedAt, ...rules })
    const words = `${tallyWords(desk.votes, desk.rules)}; the question expires at ${instant(end)}`
    await desk.record(`asked-again/${next.at}`, 'asked-again', words, { expiresAt: end })
  }
  desk.assertMayGoOn()
  await desk.recordNotes()
}

const titles = ({ contract }: PlannedData): string => contract.map(({ title }) => title).join(', ')
