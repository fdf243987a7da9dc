import { codeBlock, plain } from './alert'
import type { Diagnosis } from './diagnosis'
import { heldAdvice, heldSection } from './held'
import type { Outcome } from './status'
import type { UpgradeNews } from './upgrade-alerts'

/** Commands first: they must be on the screen of a phone without scrolling. */
export function heldCommands({ plan, upgradeId, heldReason }: UpgradeNews, outcome: Outcome): string[] {
  if (outcome !== 'held') return []
  const { namespace, name: service } = plan.service
  const { commands } = heldAdvice({ namespace, service, id: upgradeId, reason: heldReason })
  return [codeBlock(commands)]
}

const logLinesInAlert = 8

/** The last lines of the worst pod. */
export function logBlock(diagnosis: Diagnosis | undefined): string[] {
  const logged = diagnosis?.pods.find(({ log }) => log.length > 0)
  if (!logged) return []
  return [`Last lines of ${plain(logged.pod)}:`, codeBlock(logged.log.slice(-logLinesInAlert))]
}

/** What an end means, and what comes next. */
export function nextSteps({ plan, offeredAgain, heldReason }: UpgradeNews, outcome: Outcome): string[] {
  switch (outcome) {
    case 'rolled-back':
      if (plan.rollbackOf !== undefined) return [`The rollback failed; ${plan.from.tag} runs again.`]
      if (offeredAgain) return [`${plan.from.tag} runs. The next scan offers ${plan.to.tag} again.`]
      return [`${plan.to.tag} is quarantined: it is not offered again until a person lifts it. ${plan.from.tag} runs.`]
    case 'held':
      return [
        `Refit touches nothing more of this service until a person says how it goes on: docs/runbook.md#${heldSection(heldReason)}`,
      ]
    case 'expired':
      return ['The next scan asks again.']
    case 'rejected':
      return ['It is not asked again until the digest changes.']
    case 'succeeded':
      return plan.rollbackOf === undefined
        ? []
        : [`${plan.from.tag} is quarantined: it is not offered again until a person lifts it.`]
    case 'refused':
    case 'superseded':
    case 'aborted':
    case 'up-to-date':
      return []
  }
}
