import type { PlannedUpgrade } from '../activities/contracts'
import { waitsForWords } from '../domain/approval-status'
import { durationWords, instant } from '../domain/text'
import { endSnooze, expiresAt, nextMoment, plainRules, tallyWords, type UpgradeRules } from '../domain/votes'
import type { Desk } from './desk'
import { Ended } from './endings'

/** Waits for people's yes to this plan hash, as long as the policy lets a question stay open. */
export async function approval(desk: Desk, plan: PlannedUpgrade): Promise<void> {
  if (!plan.approvalRequired || desk.isApproved) return
  const rules = plan.rules ?? plainRules(true, plan.expiresMs)
  const question = { askedAt: await ask(desk, plan, rules), ...rules.approval }
  do {
    const next = nextMoment(desk.votes, { ...question, escalated: desk.escalated })
    const { snooze } = desk.votes
    await desk.waitFor(plan, () => desk.votes.status !== 'waiting' || desk.votes.snooze !== snooze, {
      until: next.at,
      summary: `waits for an approval until it ${next.kind}`,
    })
    await desk.votesRead()
    if (Date.now() < next.at || desk.votes.status !== 'waiting' || desk.votes.snooze !== snooze) continue
    if (next.kind === 'expires') throw new Ended('expired', unanswered(desk, plan, rules))
    if (next.kind === 'escalates') await escalate(desk, plan, rules)
    else await askAgain(desk, plan, rules)
  } while (desk.votes.status === 'waiting')
  desk.assertMayGoOn()
}

/** Asks once; an upgrade that continued as new goes on asking. Returns since when (epoch milliseconds). */
async function ask(desk: Desk, plan: PlannedUpgrade, rules: UpgradeRules): Promise<number> {
  const isNew = desk.askedAt === undefined
  const askedAt = (desk.askedAt ??= Date.now())
  await desk.enter(
    'approval',
    {
      waitingFor: waitsForWords(plan.planHash, desk.votes, rules),
      message: `${plan.from} → ${plan.to} waits for a person`,
      ...(plan.warnings ? { warnings: plan.warnings } : {}),
    },
    isNew,
  )
  return askedAt
}

async function escalate(desk: Desk, plan: PlannedUpgrade, rules: UpgradeRules): Promise<void> {
  desk.escalated = true
  const end = endOf(desk, plan)
  const message = `${tallyWords(desk.votes, rules)}; the question expires at ${instant(end)}`
  await desk.recorder.record(`escalated/${desk.askedAt}`, 'escalated', message, { expiresAt: end })
}

async function askAgain(desk: Desk, plan: PlannedUpgrade, rules: UpgradeRules): Promise<void> {
  const { snooze } = desk.votes
  desk.votes = endSnooze(desk.votes, Date.now())
  const end = endOf(desk, plan)
  const message = `snoozed by ${snooze?.by} until now; ${tallyWords(desk.votes, rules)}; the question expires at ${instant(end)}`
  await desk.recorder.record(`asked-again/${snooze?.from}`, 'asked-again', message, { expiresAt: end })
}

const endOf = (desk: Desk, { expiresMs }: PlannedUpgrade): number =>
  expiresAt(desk.votes, { askedAt: desk.askedAt ?? Date.now(), expiresMs })

function unanswered({ votes }: Desk, { expiresMs }: PlannedUpgrade, rules: UpgradeRules): string {
  const within = durationWords(expiresMs)
  return votes.approvals.length > 0 || votes.requested
    ? `${tallyWords(votes, rules)} within ${within}`
    : `nobody answered within ${within}`
}
