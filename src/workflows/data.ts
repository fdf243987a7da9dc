import type { UpgradeKey } from '../activities/contracts'
import { quick, watching } from './proxies'

/**
 * Backfill, then contract, after a succeeded upgrade. A failure holds and pages; it never rolls an image back, because
 * the new version runs well on the expanded schema.
 */
export async function data(key: UpgradeKey): Promise<{ outcome: 'succeeded' | 'held'; message: string }> {
  for (const phase of ['backfill', 'contract'] as const) {
    const verdict = await watching.data.executeWithOptions({ summary: phase }, [{ ...key, phase }])
    if (verdict.kind === 'healthy') continue
    await quick.pageData({ ...key, phase, reason: verdict.sentence })
    return { outcome: 'held', message: verdict.sentence }
  }
  return { outcome: 'succeeded', message: 'backfill and contract are done' }
}
