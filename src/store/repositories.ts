import type { Knex } from 'knex'
import type { ErrorCode } from '../domain/errors'
import { parseImage } from '../domain/image'
import type { KnownRepository, RepositoryRead, Store, ViewStore } from './contracts'
import { clean } from './text'

interface RepositoryRecord {
  repository: string
  path: string
  tag_count: number
  list_hash: string
  tags_hash: string
  etag: string | null
  read_at: Date | null
  error_code: ErrorCode | null
  error_message: string | null
  error_at: Date | null
  doubted_hash: string | null
  doubted_count: number
  doubted_tags: string[]
  accepted_hash: string | null
  accepted_tags: string[]
}

/** All but the tags, which may be fifty thousand. */
const short = [
  ...(['repository', 'path', 'tag_count', 'list_hash', 'tags_hash', 'etag', 'read_at'] as const),
  ...(['error_code', 'error_message', 'error_at', 'doubted_hash', 'doubted_count', 'doubted_tags'] as const),
  ...(['accepted_hash', 'accepted_tags'] as const),
]

/** All repositories that scans know. */
export const repositoryListIn = (db: Knex): ViewStore['repositoryList'] => ({
  async all() {
    return (
      await db<RepositoryRecord>('repository')
        .select(...short)
        .orderBy('repository')
    ).map(knownOf)
  },
})

/** What scans know of each repository: its last trusted list, what is doubted, and whether it can be read. */
export function repositoriesIn(db: Knex): Store['repositories'] {
  const rows = () => db<RepositoryRecord>('repository')
  return {
    async read(repositories) {
      const found = await rows()
        .select(...short)
        .whereIn('repository', repositories)
      return new Map(found.map((row) => [row.repository, knownOf(row)]))
    },

    async tags(repository) {
      const row = await db<RepositoryRecord & { tags: string | null }>('repository')
        .select('tags')
        .where({ repository })
        .first()
      if (row === undefined || row.tags === null) return undefined
      return row.tags === '' ? [] : row.tags.split('\n')
    },

    async byPath(path) {
      return (
        await rows()
          .select(...short)
          .where({ path: clean(path) })
          .orderBy('repository')
      ).map(knownOf)
    },

    save: (reads, readSince) =>
      db.transaction(async (trx) => {
        const sorted = [...reads].sort((a, b) => (a.repository < b.repository ? -1 : 1))
        // All rows in one order before any is written, so that two scans can't wait for each other.
        await trx('repository')
          .select('repository')
          .whereRaw('repository = any(?)', [sorted.map(({ repository }) => repository)])
          .orderBy('repository')
          .forUpdate()
        const unchanged = sorted.filter(({ list, doubted, error }) => !list && !doubted && !error)
        await trx('repository')
          .whereRaw('repository = any(?)', [unchanged.map(({ repository }) => repository)])
          .where('read_since', '<=', readSince)
          .update({ ...readWell(trx), read_since: readSince, doubted_hash: null, doubted_tags: [], ...spent(trx) })
        for (const read of sorted) if (!unchanged.includes(read)) await saveOne(trx, read, readSince)
      }),

    accept: ({ repository, by, verified = false, reason, list = '' }) =>
      db.transaction(async (trx) => {
        const row = await trx<RepositoryRecord>('repository').where({ repository }).forUpdate().first()
        const doubted = row && doubtedIn(row)
        if (!doubted) return { kind: 'none' }
        const { hash, count, missing } = doubted
        const found = { list: doubted, lastCount: row.tag_count }
        if (!hash.startsWith(list)) return { kind: 'another', ...found }
        await trx('repository_acceptance').insert({
          ...{ repository, tags_hash: hash, tag_count: count, missing_tags: missing },
          ...{ by: clean(by), verified, reason: clean(reason) },
        })
        await trx('repository')
          .where({ repository })
          .update({
            ...{ accepted_hash: hash, accepted_tags: missing },
            ...{ doubted_hash: null, doubted_count: 0, doubted_tags: [] },
          })
        return { kind: 'accepted', ...found }
      }),
  }
}

/** The last trusted list is back: what was accepted instead of it is not there any more. */
const spent = (trx: Knex) => ({ accepted_hash: trx.raw('case when accepted_hash = tags_hash then accepted_hash end') })

const readWell = (trx: Knex) => ({ read_at: trx.fn.now(), error_code: null, error_message: null, error_at: null })

async function saveOne(
  trx: Knex,
  { repository, list, doubted, error }: RepositoryRead,
  readSince: Date,
): Promise<void> {
  const changes = error
    ? { error_code: error.code, error_message: clean(error.message), error_at: trx.fn.now() }
    : doubted
      ? { ...readWell(trx), doubted_hash: doubted.hash, doubted_count: doubted.count, doubted_tags: doubted.missing }
      : {
          ...readWell(trx),
          ...{ tags: list?.tags.join('\n') ?? '', tag_count: list?.tags.length ?? 0, list_hash: list?.hash ?? '' },
          tags_hash: list?.tagsHash ?? '',
          ...{ etag: list?.etag ?? null, trusted_at: trx.fn.now(), doubted_hash: null, doubted_tags: [] },
        }
  await trx('repository')
    .insert({ repository, path: parseImage(repository)?.path ?? repository, read_since: readSince, ...changes })
    .onConflict('repository')
    .merge()
    .where('repository.read_since', '<=', readSince)
  // An acceptance is for one list: the same one that comes back after another is as suspicious as before.
  if (list)
    await trx('repository')
      .where({ repository })
      .whereNot('accepted_hash', list.tagsHash)
      .update({ accepted_hash: null })
}

const doubtedIn = ({ doubted_hash: hash, doubted_count: count, doubted_tags: missing }: RepositoryRecord) =>
  hash === null ? null : { hash, count, missing }

function knownOf(row: RepositoryRecord): KnownRepository {
  const { repository, path, error_code: code, error_at: at } = row
  return {
    ...{ repository, path, tagCount: row.tag_count, hash: row.list_hash, tagsHash: row.tags_hash, readAt: row.read_at },
    ...(row.etag === null ? {} : { etag: row.etag }),
    error: code === null || at === null ? null : { code, message: row.error_message ?? '', at },
    ...{ doubted: doubtedIn(row), accepted: row.accepted_hash, acceptedMissing: row.accepted_tags },
  }
}
