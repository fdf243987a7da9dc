import type { Knex } from 'knex'
import { firstDigestWithinMs } from '../domain/age'
import type { TagSeen } from '../domain/decide'
import type { Store } from './contracts'

interface SeenRecord {
  repository: string
  tag: string
  first_seen_at: Date
  baseline: boolean
  digest: string | null
  digest_since: Date | null
}

/** The clock of tags: when Refit first met each, by the database's time. */
export function seenIn(db: Knex): Store['seen'] {
  return {
    async note(repository, tags) {
      await db.raw(
        `insert into tag_seen (repository, tag, baseline)
         select ?, tag, not exists (select 1 from tag_seen where repository = ?) from unnest(?::text[]) as tag order by tag
         on conflict do nothing`,
        [repository, repository, tags as string[]],
      )
    },

    async noteDigest(repository, tag, digest) {
      const { rows } = await db.raw<{ rows: [SeenRecord] }>(
        `insert into tag_seen as seen (repository, tag, baseline, digest) values (?, ?, false, ?)
         on conflict (repository, tag) do update set
           digest = excluded.digest,
           digest_since = case
             when seen.digest = excluded.digest then seen.digest_since
             when seen.digest is null and now() - seen.first_seen_at <= ? * interval '1 ms' then null
             else now() end
         returning *`,
        [repository, tag, digest, firstDigestWithinMs],
      )
      return seenOf(rows[0])
    },

    async prune(repository, tags) {
      // Without a row left the next list would pass for the first one, whose publisher's dates are believed.
      if (tags.length === 0) return
      await db.raw(
        `with listed as (select unnest(?::text[]) as tag),
           back as (
             update tag_seen set unlisted_since = null
             where repository = ? and unlisted_since is not null and tag in (select tag from listed)),
           gone as (
             update tag_seen set unlisted_since = now()
             where repository = ? and unlisted_since is null and tag not in (select tag from listed))
         delete from tag_seen
         where repository = ? and unlisted_since < now() - interval '90 days' and tag not in (select tag from listed)`,
        [tags as string[], repository, repository, repository],
      )
    },

    async read(repository, tags) {
      const all = db<SeenRecord>('tag_seen').where({ repository })
      const rows = await (tags ? all.whereRaw('tag = any(?::text[])', [tags as string[]]) : all)
      return Object.fromEntries(rows.map((row) => [row.tag, seenOf(row)]))
    },
  }
}

const seenOf = ({ first_seen_at: first, baseline, digest, digest_since: since }: SeenRecord): TagSeen => ({
  firstSeenAt: first.getTime(),
  baseline,
  ...(digest === null ? {} : { digest }),
  ...(since === null ? {} : { digestSince: since.getTime() }),
})
