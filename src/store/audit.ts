import type { Knex } from 'knex'
import type { AuditRow, Store } from './contracts'

/** The driver gives bigint as text. */
type Stored = Omit<AuditRow, 'position'> & { position: string }

/** Every act of a person, as triggers wrote it down: read only. */
export function auditIn(db: Knex): Store['audit'] {
  const rows = (limit: number) => db<Stored>('audit').select('position', 'body', 'previous', 'hash').limit(limit)
  return {
    after: async (position, limit) =>
      (await rows(limit).where('position', '>', position).orderBy('position')).map(counted),

    before: async (position, limit) => {
      const all = rows(limit).orderBy('position', 'desc')
      return (await (position === undefined ? all : all.where('position', '<', position))).map(counted)
    },
  }
}

const counted = ({ position, ...rest }: Stored): AuditRow => ({ position: Number(position), ...rest })
