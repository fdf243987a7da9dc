import type { Knex } from 'knex'
import type { ErrorCode } from '../domain/errors'
import { parseImage } from '../domain/image'
import type { KnownRepository, RepositoryRead, Store } from './contracts'
import { clean } from './text'

interface RepositoryRecord {
  repository: string
  path: string
  tag_count: number
  list_hash: string
  etag: string | null
  read_at: Date | null
  error_code: ErrorCode | null
  error_message: string | null
  error_at: Date | null
  doubted_hash: string | null
  doubted_tags: string[]
  accepted_hash: string | null
  accepted_tags: string[]
}

/** All but the tags, which may be half a million. */
const short = [
  ...(['repository', 'path', 'tag_count', 'list_hash', 'etag', 'read_at', 'error_code', 'error_message'] as const),
  ...(['error_at', 'doubted_hash', 'doubted_tags', 'accepted_hash', 'accepted_tags'] as const),
]

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
          .where({ path })
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
          .update({ ...readWell(trx), read_since: readSince, doubted_hash: null, doubted_tags: [] })
        for (const read of sorted) if (!unchanged.includes(read)) await saveOne(trx, read, readSince)
      }),

    accept: ({ repository, by, reason }) =>
      db.transaction(async (trx) => {
        const row = await trx<RepositoryRecord>('repository').where({ repository }).forUpdate().first()
        if (!row || row.doubted_hash === null) return false
        await trx('repository_acceptance').insert({
          ...{ repository, list_hash: row.doubted_hash, missing_tags: row.doubted_tags },
          ...{ by: clean(by), reason: clean(reason) },
        })
        await trx('repository')
          .where({ repository })
          .update({
            ...{ accepted_hash: row.doubted_hash, accepted_tags: row.doubted_tags },
            ...{ doubted_hash: null, doubted_tags: [] },
          })
        return true
      }),
  }
}

const readWell = (trx: Knex) => ({ read_at: trx.fn.now(), error_code: null, error_message: null, error_at: null })

async function saveOne(
  trx: Knex,
  { repository, list, doubted, error }: RepositoryRead,
  readSince: Date,
): Promise<void> {
  const changes = error
    ? { error_code: error.code, error_message: clean(error.message), error_at: trx.fn.now() }
    : doubted
      ? { ...readWell(trx), doubted_hash: doubted.hash, doubted_tags: doubted.missing }
      : {
          ...readWell(trx),
          ...{ tags: list?.tags.join('\n') ?? '', tag_count: list?.tags.length ?? 0, list_hash: list?.hash ?? '' },
          ...{ etag: list?.etag ?? null, trusted_at: trx.fn.now(), doubted_hash: null, doubted_tags: [] },
        }
  await trx('repository')
    .insert({ repository, path: parseImage(repository)?.path ?? repository, read_since: readSince, ...changes })
    .onConflict('repository')
    .merge()
    .where('repository.read_since', '<=', readSince)
}

function knownOf(row: RepositoryRecord): KnownRepository {
  const { repository, path, error_code: code, error_at: at } = row
  return {
    ...{ repository, path, tagCount: row.tag_count, hash: row.list_hash, readAt: row.read_at },
    ...(row.etag === null ? {} : { etag: row.etag }),
    error: code === null || at === null ? null : { code, message: row.error_message ?? '', at },
    doubted: row.doubted_hash === null ? null : { hash: row.doubted_hash, missing: row.doubted_tags },
    accepted: row.accepted_hash === null ? null : { hash: row.accepted_hash, missing: row.accepted_tags },
  }
}
