import type { PlanResult, ReleaseKey, UpgradeInput } from './contracts'
import type { Dependencies } from './dependencies'
import { releaseRules } from './release-rules'
import { releaseServiceRow } from './release-watch'

/**
 * Whether an upgrade of a release may go on with this plan, and whether it asks for an approval of its own. What was
 * approved is what runs (law 2), and what a release has put back or ended is not begun again (law 9).
 */
export async function leaveOf(
  { store, config }: Dependencies,
  { namespace, service, release }: UpgradeInput & { release: ReleaseKey },
  { planHash, mustAsk }: { planHash: string; /** its own policy wants an approval */ mustAsk: boolean },
): Promise<{ kind: 'go'; asks: boolean; isAsPlanned: boolean } | Extract<PlanResult, { kind: 'refused' }>> {
  const refused = (reason: string) => ({ kind: 'refused' as const, reason: `release ${release.name}: ${reason}` })
  const row = await store.releases.read(release.id)
  if (!row || row.outcome !== null) return refused(row ? `it has ended (${row.outcome})` : 'it is not in the store')
  const mine = await releaseServiceRow(store, { releaseId: release.id, namespace, service })
  if (mine.outcome !== null) return refused(`this upgrade of it has ended (${mine.outcome})`)
  if (mine.verdict === 'undo') return refused(`it was stopped: ${mine.because}`)
  const once = releaseRules(row, config).approval === 'once'
  const isAsPlanned = mine.planHash === planHash
  if (once && !isAsPlanned)
    return refused(
      `the plan is ${planHash} now, and ${mine.planHash} was planned with the release. Start the release again`,
    )
  if (once && mustAsk && row.approvedAt === null) return refused('nobody has approved it')
  return { kind: 'go', asks: !once, isAsPlanned }
}
