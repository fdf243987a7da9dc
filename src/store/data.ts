import type { Knex } from 'knex'
import { RefitError } from '../domain/errors'
import type { DataStage } from '../domain/data-status'
import type { Outcome } from '../domain/status'
import type { Store } from './contracts'
import type { DataRow } from './data-contracts'
import { addAlert } from './outbox'
import { clean } from './text'

interface DataRecord {
  id: string
  upgrade_id: string
  plan_hash: string
  namespace: string
  service: string
  to_tag: string
  phase: DataStage
  outcome: Outcome | null
  waiting_for: string
  message: string
  started_at: Date
  ended_at: Date | null
}

/** Where data workflows stand, and the append-only record of what was done in them. */
export function dataIn(db: Knex): Store['data'] {
  const runs = () => db<DataRecord>('data_run')
  return {
    open: ({ service: { namespace, name: service }, to }, { upgradeId, planHash }) =>
      db.transaction(async (trx) => {
        // Two callers count the attempts one after the other.
        await trx.raw('select pg_advisory_xact_lock(hashtextextended(?, 0))', [`data/${namespace}/${service}`])
        const open = await trx<DataRecord>('data_run').where({ namespace, service, outcome: null }).first()
        if (open?.upgrade_id === upgradeId) return rowOf(open)
        if (open)
          await trx<DataRecord>('data_run')
            .where({ id: open.id })
            .update({
              ...{ outcome: 'held', waiting_for: '', ended_at: trx.fn.now() as unknown as Date },
              message: `its workflow was ended from outside; ${upgradeId} took its place`,
            })
        const attempts = await trx<DataRecord>('data_run')
          .where({ upgrade_id: upgradeId })
          .count<[{ count: string }]>('* as count')
        const [row] = await trx<DataRecord>('data_run')
          .insert({
            id: `${upgradeId}/data/${Number(attempts[0]?.count ?? 0) + 1}`,
            ...{ upgrade_id: upgradeId, plan_hash: planHash, namespace, service, to_tag: to.tag, phase: 'backfill' },
          })
          .returning('*')
        return rowOf(row as DataRecord)
      }),

    record: ({ dataId, key, phase, kind, waitingFor, message, by, verified = false, outcome, tell }) =>
      db.transaction(async (trx) => {
        const row = await trx<DataRecord>('data_run').where({ id: dataId }).forUpdate().first()
        if (!row)
          throw new RefitError(
            'UPGRADE_UNKNOWN',
            `There is no data workflow ${dataId}.`,
            'refit data status lists them.',
          )
        if (tell) await addAlert(trx, tell.targets, tell.alert)
        const appended = await trx('upgrade_event')
          .insert({
            ...{ upgrade_id: row.upgrade_id, key: `${dataId}/${key}`, phase, kind, verified },
            by: by === undefined ? null : clean(by),
            message: clean(message),
          })
          .onConflict(['upgrade_id', 'key'])
          .ignore()
          .returning('position')
        if (appended.length === 0) return
        await trx('data_run')
          .where({ id: dataId, outcome: null })
          .update({
            phase,
            waiting_for: outcome ? '' : clean(waitingFor ?? ''),
            message: clean(message),
            ...(outcome ? { outcome, ended_at: trx.fn.now() } : {}),
          })
      }),

    async read(id) {
      const row = await runs().where({ id }).first()
      return row && rowOf(row)
    },

    async latest({ namespace, service }) {
      const row = await runs()
        .where({ namespace, service })
        .orderByRaw('(outcome is null) desc, started_at desc, id desc')
        .first()
      return row && rowOf(row)
    },

    async list() {
      const rows: DataRecord[] = await runs()
        .distinctOn(['namespace', 'service'])
        .orderByRaw('namespace, service, (outcome is null) desc, started_at desc, id desc')
      return rows.map(rowOf)
    },

    async listOpen() {
      return (await runs().whereNull('outcome').orderBy('started_at')).map(rowOf)
    },

    async lastSucceeded({ namespace, service }) {
      const row = await runs()
        .where({ namespace, service, outcome: 'succeeded' })
        .orderBy([
          { column: 'started_at', order: 'desc' },
          { column: 'id', order: 'desc' },
        ])
        .first()
      return row && rowOf(row)
    },
  }
}

const rowOf = (row: DataRecord): DataRow => ({
  id: row.id,
  upgradeId: row.upgrade_id,
  planHash: row.plan_hash,
  namespace: row.namespace,
  service: row.service,
  toTag: row.to_tag,
  phase: row.phase,
  outcome: row.outcome,
  waitingFor: row.waiting_for,
  message: row.message,
  startedAt: row.started_at,
  endedAt: row.ended_at,
})
