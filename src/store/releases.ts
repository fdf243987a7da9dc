import { createHash } from 'node:crypto'
import type { Knex } from 'knex'
import { RefitError } from '../domain/errors'
import { canonicalDefinition, canonicalRelease, type ReleaseDefinition, type ReleaseStep } from '../domain/release'
import type { ReleaseEvent, Store } from './contracts'
import { openRelease } from './open-release'
import { releasePage } from './release-pages'
import { type ReleaseRecord, releaseOf, type ReleaseServiceRecord, releaseServiceOf } from './release-row'
import { clean, toJson } from './text'

const digits = 12
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

/** What an approval of a release binds to: 12 hex digits over its plans in their order. */
export const hashRelease = (release: string, steps: readonly ReleaseStep[]): string =>
  sha256(canonicalRelease(release, steps)).slice(0, digits)

/** Releases, what they upgrade, and the append-only record of them. */
export function releasesIn(db: Knex): Store['releases'] {
  const releases = () => db<ReleaseRecord>('release')
  const services = (id: string, { namespace, service }: { namespace: string; service: string }) =>
    db('release_service').where({ release_id: id, namespace, service })
  return {
    async define(definition) {
      const whole = sha256(canonicalDefinition(definition))
      const hash = whole.slice(0, digits)
      await db('release_definition')
        .insert({ hash, sha256: whole, release: definition.release, body: toJson(definition) })
        .onConflict('hash')
        .ignore()
      return hash
    },

    async definition(hash) {
      const row = await db<{ hash: string; body: ReleaseDefinition }>('release_definition')
        .where({ hash })
        .first('body')
      if (!row)
        throw new RefitError('RELEASE_UNKNOWN', `There is no release ${hash}.`, 'refit release status lists them.')
      return row.body
    },

    open: (release) => openRelease(db, release),

    plan: (id, steps, rules) =>
      db.transaction(async (trx) => {
        const row = await trx<ReleaseRecord>('release').where({ id }).forUpdate().first()
        if (!row) throw unknown(id)
        if (row.hash !== null) return releaseOf(row)
        const whole = sha256(canonicalRelease(row.name, steps))
        if (steps.length > 0)
          await trx('release_service').insert(
            steps.map((step, position) => ({
              release_id: id,
              position,
              namespace: step.namespace,
              service: step.name,
              wave: step.wave,
              goes_after: JSON.stringify(step.after),
              plan_hash: step.planHash,
              from_tag: step.from,
              to_tag: step.to,
              to_digest: step.digest,
            })),
          )
        const [kept] = await trx<ReleaseRecord>('release')
          .where({ id })
          .update({ hash: whole.slice(0, digits), sha256: whole, rules: db.raw('?::jsonb', [JSON.stringify(rules)]) })
          .returning('*')
        return releaseOf(kept as ReleaseRecord)
      }),

    record: ({ releaseId, key, phase, kind, waitingFor, message, by, verified = false, outcome }) =>
      db.transaction(async (trx) => {
        const appended = await trx('release_event')
          .insert({
            ...{ release_id: releaseId, key, phase, kind, verified },
            by: by === undefined ? null : clean(by),
            message: clean(message),
          })
          .onConflict(['release_id', 'key'])
          .ignore()
          .returning('position')
        if (appended.length === 0) return
        await trx('release')
          .where({ id: releaseId, outcome: null })
          .update({
            phase,
            waiting_for: outcome ? '' : clean(waitingFor ?? ''),
            message: clean(message),
            ...(kind === 'withdrawn' ? { approved_by: null, approved_at: null } : {}),
            ...(kind === 'approved' ? { approved_by: clean(by ?? 'nobody'), approved_at: trx.fn.now() } : {}),
            ...(outcome ? { outcome, ended_at: trx.fn.now() } : {}),
          })
      }),

    async read(id) {
      const row = await releases().where({ id }).first()
      return row && releaseOf(row)
    },

    async latest(name) {
      const [row] = await newestFirst(name === undefined ? releases() : releases().where({ name })).limit(1)
      return row && releaseOf(row)
    },

    page: (part) => releasePage(db, part),

    async of(upgradeId) {
      const row = await db('release_service as s')
        .join('release as r', 'r.id', 's.release_id')
        .where('s.upgrade_id', upgradeId)
        .orderBy('r.started_at', 'desc')
        .first<{ name: string } | undefined>('r.name')
      return row?.name ?? null
    },

    list: async (limit) => (await newestFirst(releases()).limit(limit)).map(releaseOf),

    listOpen: async () => (await releases().whereNull('outcome').orderBy('started_at')).map(releaseOf),

    services: async (id) =>
      (
        await db('release_service as s')
          .leftJoin('upgrade as u', 'u.id', 's.upgrade_id')
          .where('s.release_id', id)
          .orderBy('s.position')
          .select<ReleaseServiceRecord[]>(
            's.*',
            'u.phase as upgrade_phase',
            'u.outcome as upgrade_outcome',
            'u.message as upgrade_message',
          )
      ).map(releaseServiceOf),

    opened: async (id, key, upgradeId) =>
      void (await services(id, key).whereNull('upgrade_id').update({ upgrade_id: upgradeId })),

    ready: async (id, key) => void (await services(id, key).whereNull('ready_at').update({ ready_at: db.fn.now() })),

    say: async (id, key, verdict, because) =>
      void (await services(id, key)
        .whereNull('verdict')
        .update({ verdict, because: clean(because) })),

    endedUnplanned: async (id, key, outcome, message) =>
      void (await services(id, key)
        .where({ upgrade_id: null, outcome: null })
        .update({ outcome, message: clean(message) })),

    events: async (id) =>
      db('release_event').where({ release_id: id }).orderBy('position').select<ReleaseEvent[]>({
        releaseId: 'release_id',
        at: 'at',
        phase: 'phase',
        kind: 'kind',
        by: 'by',
        verified: 'verified',
        message: 'message',
      }),
  }
}

/** The open one before all. */
const newestFirst = (query: Knex.QueryBuilder<ReleaseRecord, ReleaseRecord[]>) =>
  query.orderByRaw('(outcome is null) desc, started_at desc, id desc')

const unknown = (id: string): RefitError =>
  new RefitError('RELEASE_UNKNOWN', `There is no release ${id}.`, 'refit release status lists them.')
