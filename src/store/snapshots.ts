import type { Knex } from 'knex'
import type { ImageSnapshot, Store } from './contracts'
import { toJson } from './text'

/** What ran before an upgrade's first write. */
export function snapshotsIn(db: Knex): Store['snapshots'] {
  return {
    saveOnce: (upgradeId, snapshots) =>
      db.transaction(async (trx) => {
        // The upgrade's row is the lock: two runs of preflight must not mix their snapshots.
        await trx('upgrade').where({ id: upgradeId }).forUpdate().first('id')
        const kept = await readFrom(trx, upgradeId)
        if (kept.length > 0 || snapshots.length === 0) return kept
        await trx('image_snapshot').insert(
          snapshots.map((snapshot, position) => ({
            upgrade_id: upgradeId,
            position,
            workload_uid: snapshot.workload.uid,
            body: toJson(snapshot),
          })),
        )
        return snapshots
      }),

    read: (upgradeId) => readFrom(db, upgradeId),
  }
}

async function readFrom(db: Knex, upgradeId: string): Promise<ImageSnapshot[]> {
  const rows = await db<{ upgrade_id: string; position: number; body: ImageSnapshot }>('image_snapshot')
    .where({ upgrade_id: upgradeId })
    .orderBy('position')
    .select('body')
  return rows.map(({ body }) => body)
}
