import { stepKeys } from '../domain/event'
import type { RolloutObservation } from '../domain/rollout'
import type { HealthDependencies, HealthQuestion } from './ask-health'
import { askPods } from './ask-health-http'

/**
 * Why a check that fails now is not the release's fault: the old version failed it before the upgrade, or old pods that
 * still run fail it now. Undefined where nothing says so.
 */
export async function environmentWords(
  { kubernetes, store }: HealthDependencies,
  { plan, upgradeId }: HealthQuestion,
  looks: readonly RolloutObservation[],
  check: number,
): Promise<string | undefined> {
  const before = await store.upgrades.recorded(upgradeId, stepKeys.healthBefore(check))
  if (before) return before.message
  const old = await askPods(kubernetes, plan, looks, { isNew: false, tag: plan.from.tag, only: check })
  const told = old.filter(({ verdict }) => verdict.kind === 'ok' || verdict.kind === 'bad')
  const [bad] = told
  if (!bad || !told.every(({ verdict }) => verdict.kind === 'bad')) return undefined
  return `the old pods fail the same check (${bad.pod}: ${bad.verdict.sentence})`
}
