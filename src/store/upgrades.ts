import type { Knex } from 'knex'
import { RefitError } from '../domain/errors'
import type { Store } from './contracts'
import { openUpgrade } from './open-upgrade'
import { addAlert } from './outbox'
import { clean } from './text'
import { upgradeHistoryIn } from './upgrade-history'
import { type EventRecord, eventOf, type UpgradeRecord, upgradeOf } from './upgrade-row'

/** Upgrades and the append-only record of what was done in them. */
export function upgradesIn(db: Knex): Store['upgrades'] {
  const upgrades = () => db<UpgradeRecord>('upgrade')
  const events = () => db<EventRecord>('upgrade_event')
  return {
    ...upgradeHistoryIn(db),

    open: (plan, planHash) => openUpgrade(db, plan, planHash),

    record: (entry) =>
      db.transaction(async (trx) => {
        const { upgradeId, phase, outcome, heldReason, tell } = entry
        await existing(trx, upgradeId)
        // Also when the entry is there already: an earlier build may have died between the two.
        if (tell) await addAlert(trx, tell.targets, tell.alert)
        if (!(await append(trx, entry))) return
        const at = entry.at ?? trx.fn.now()
        await trx('upgrade')
          // What has ended stays as it ended: a step that reports late is only written to the record.
          .where({ id: upgradeId, outcome: null })
          .update({
            phase,
            waiting_for: outcome ? '' : clean(entry.waitingFor ?? ''),
            message: clean(entry.message),
            ...(outcome ? { outcome, ended_at: at, held_reason: heldReason ?? null } : {}),
          })
      }),

    async recorded(upgradeId, key) {
      const row = await events().where({ upgrade_id: upgradeId, key }).first()
      return row && eventOf(row)
    },

    async read(id) {
      const row = await upgrades().where({ id }).first()
      return row && upgradeOf(row)
    },

    async latest({ namespace, service }) {
      const row = await upgrades()
        .where({ namespace, service })
        .orderByRaw('(outcome is null) desc, started_at desc, id desc')
        .first()
      return row && upgradeOf(row)
    },

    async listOpen() {
      return (await upgrades().whereNull('outcome').orderBy('started_at')).map(upgradeOf)
    },

    async listHeld() {
      return (await upgrades().where({ outcome: 'held', resolved_at: null }).orderBy('started_at')).map(upgradeOf)
    },

    resolve: (id, by, reason, tell, as, verified = false) =>
      db.transaction(async (trx) => {
        const row = await existing(trx, id)
        if (row.outcome !== 'held')
          throw new RefitError(
            'APPROVAL_REFUSED',
            `Upgrade ${id} is not held; it ${row.outcome ? `ended ${row.outcome}` : `is in phase ${row.phase}`}.`,
            'Nothing to resolve.',
          )
        if (tell) await addAlert(trx, tell.targets, tell.alert)
        const how = `resolved${as ? ` as ${as}` : ''} by ${by}`
        const message = reason ? `${how}: ${reason}` : how
        if (
          await append(trx, {
            upgradeId: id,
            key: 'resolved',
            phase: row.phase,
            kind: 'resolved',
            message,
            by,
            verified,
          })
        )
          await trx('upgrade')
            .where({ id })
            .update({ resolved_at: trx.fn.now(), resolved_by: clean(by), resolved_as: as ?? null })
      }),

    reopen: (id, { by, verified, reason, times, from }) =>
      db.transaction(async (trx) => {
        const row = await existing(trx, id)
        const how = from === 'rollback' ? 'to be put back' : `at ${from}`
        const message = `goes on ${how} by ${by}${reason ? `: ${reason}` : ''}`
        const isNew = await append(trx, {
          ...{ upgradeId: id, key: `reopened/${times}`, phase: row.phase, kind: 'reopened', message, by, verified },
        })
        if (!isNew || row.outcome === null) return
        if (row.outcome !== 'held' || row.resolved_at !== null)
          throw new RefitError(
            'APPROVAL_REFUSED',
            `Upgrade ${id} ${row.resolved_at ? 'was resolved' : `ended ${row.outcome}`}; it can't go on.`,
            'Run refit scan for a new one.',
          )
        await trx('upgrade').where({ id }).update({ outcome: null, ended_at: null, held_reason: null, message })
      }),

    async list({ namespace, service, limit }) {
      const query = upgrades()
        .orderBy([
          { column: 'started_at', order: 'desc' },
          { column: 'id', order: 'desc' },
        ])
        .limit(limit)
      if (namespace !== undefined) void query.where({ namespace })
      if (service !== undefined) void query.where({ service })
      return (await query).map(upgradeOf)
    },

    async events(upgradeId) {
      return (
        await events()
          .where({ upgrade_id: upgradeId })
          .orderBy('position' as 'key')
      ).map(eventOf)
    },

    async rejectedDigest({ namespace, service }, digest) {
      const row = await upgrades()
        .where({ namespace, service, to_digest: digest })
        .whereIn('outcome', ['rejected', 'aborted'])
        .orderBy([
          { column: 'started_at', order: 'desc' },
          { column: 'id', order: 'desc' },
        ])
        .first()
      return row && upgradeOf(row)
    },

    async listRejected() {
      const rows = await upgrades()
        .distinctOn(['namespace', 'service', 'to_digest'])
        .whereIn('outcome', ['rejected', 'aborted'])
        .orderBy(['namespace', 'service', 'to_digest', { column: 'started_at', order: 'desc' }])
      return rows.map(({ namespace, service, to_digest: digest, message }) => ({
        namespace,
        service,
        digest,
        reason: message,
      }))
    },
  }
}

type Entry = Parameters<Store['upgrades']['record']>[0]

/** Locks the upgrade's row, so that two writers of one upgrade come one after the other; what only refers to it waits for neither. */
async function existing(trx: Knex.Transaction, id: string): Promise<UpgradeRecord> {
  const row = await trx<UpgradeRecord>('upgrade').where({ id }).forNoKeyUpdate().first()
  if (!row)
    throw new RefitError('UPGRADE_UNKNOWN', `There is no upgrade ${id}.`, 'refit status shows those that there are.')
  return row
}

/** Whether this is the first time that the key is recorded. */
async function append(
  trx: Knex.Transaction,
  { upgradeId, key, at, phase, kind, by, verified, message }: Entry,
): Promise<boolean> {
  const inserted = await trx('upgrade_event')
    .insert({
      upgrade_id: upgradeId,
      key,
      at: at ?? trx.fn.now(),
      phase,
      kind,
      by: by === undefined ? null : clean(by),
      verified: verified ?? false,
      message: clean(message),
    })
    .onConflict(['upgrade_id', 'key'])
    .ignore()
    .returning('position')
  return inserted.length > 0
}
