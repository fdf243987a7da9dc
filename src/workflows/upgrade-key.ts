import type { UpgradeKey } from '../activities/contracts'

/** What names an upgrade to its activities, without the rest of the plan. */
export const keyOf = ({ upgradeId, planHash }: UpgradeKey): UpgradeKey => ({ upgradeId, planHash })
