import { concludeScan } from './conclude-scan'
import type { ScanSummary } from './contracts'
import { decideBatch } from './decide-batch'
import type { Dependencies } from './dependencies'
import { observe } from './observe'

/** A whole scan in one piece: what workflows of earlier builds ask for. Today's go batch by batch. */
export const scanHub =
  (deps: Dependencies) =>
  async ({ scanId }: { scanId: string }): Promise<ScanSummary> => {
    const observed = await observe(deps)({ scanId })
    for (const { position } of observed.batches) await decideBatch(deps)({ scanId, position })
    return concludeScan(deps)({ scanId, ...observed })
  }
