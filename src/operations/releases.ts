import { releaseWorkflowId, workflowPage } from '../domain/temporal-names'
import type { ReleaseRow, ReleaseServiceRow, Store } from '../store/contracts'
import { cursorOf, idIn } from './cursor'
import { releaseDetail, type ReleaseDetail } from './release'

/** A release as a graph: its services by wave. */
export interface ReleaseGraph extends Omit<ReleaseDetail, 'services'> {
  /** in the order in which they go; those of one wave go side by side */
  waves: ReleaseServiceRow[][]
  temporal: { workflowId: string; url: string | null }
}

/** A part of all releases, newest first. USAGE for a cursor that is none. */
export async function releasePage(
  { store }: { store: { releases: Pick<Store['releases'], 'page'> } },
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Promise<{ releases: ReleaseRow[]; next: string | null }> {
  const { rows, next } = await store.releases.page({ limit, after: idIn(cursor) })
  return { releases: rows, next: cursorOf(next) }
}

/** A release by name, the open one or the newest. RELEASE_UNKNOWN when there was none. */
export async function releaseGraph(
  { store, config }: { store: Pick<Store, 'releases'>; config: { temporalUi?: string | undefined } },
  name: string,
  { temporalNamespace }: { temporalNamespace: string },
): Promise<ReleaseGraph> {
  const { services, ...rest } = await releaseDetail(store, name)
  const waves = new Map<number, ReleaseServiceRow[]>()
  for (const each of services) waves.set(each.wave, [...(waves.get(each.wave) ?? []), each])
  const workflowId = releaseWorkflowId(name)
  const { temporalUi } = config
  const url = temporalUi === undefined ? null : workflowPage(temporalUi, temporalNamespace, workflowId)
  return {
    ...rest,
    waves: [...waves].sort(([a], [b]) => a - b).map(([, members]) => members),
    temporal: { workflowId, url },
  }
}
