import { releaseAlert } from '../domain/release-alerts'
import { wordList } from '../domain/text'
import type { ReleaseServiceRow } from '../store/contracts'
import type { Dependencies } from './dependencies'
import { enqueue } from './enqueue'
import type { UpgradeStanding } from './release-contracts'
import { standingOf } from './release-standing'
import { assertReleaseOpen } from './release-still-open'

/** What is left to start in a wave, or why the line stops before it: an earlier service may have been aborted meanwhile. */
export type WaveAnswer =
  | { kind: 'go'; start: { namespace: string; service: string }[] }
  | { kind: 'stop'; standing: Exclude<UpgradeStanding, { kind: 'ready' }> }

/** Looks back at the waves before, and says that this one (from 0) begins. One beyond the last only looks back. */
export const beginWave =
  (deps: Dependencies) =>
  async ({ releaseId, wave }: { releaseId: string; wave: number }): Promise<WaveAnswer> => {
    const { store, config } = deps
    const row = await assertReleaseOpen(store, releaseId)
    const services = await store.releases.services(releaseId)
    for (const each of services.filter((service) => service.wave < wave)) {
      const standing = standingOf(each)
      if (standing?.kind !== 'ready')
        return {
          kind: 'stop',
          standing: standing ?? { kind: 'failed', message: `${idOf(each)} is not ready although its wave is over` },
        }
    }
    const mine = services.filter((service) => service.wave === wave)
    if (mine.length === 0) return { kind: 'go', start: [] }
    const of = Math.max(...services.map((service) => service.wave)) + 1
    const message = `wave ${wave + 1} of ${of}: ${wordList(mine.map((each) => `${idOf(each)} ${each.from} → ${each.to}`))}`
    const entry = { releaseId, key: `wave/${wave + 1}`, phase: 'rollout' as const, kind: 'wave' as const, message }
    await store.releases.record(entry)
    const alert = releaseAlert({ hub: config.hub, temporalNamespace: '', release: row, services, ...entry })
    if (alert) await enqueue(deps, alert)
    return {
      kind: 'go',
      start: mine
        .filter(({ upgradeId, outcome }) => upgradeId === null && outcome === null)
        .map(({ namespace, service }) => ({ namespace, service })),
    }
  }

const idOf = ({ namespace, service }: ReleaseServiceRow): string => `${namespace}/${service}`
