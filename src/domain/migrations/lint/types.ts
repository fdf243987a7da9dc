import type { ColumnType } from './tree'

/** What a change of a type costs, as measured on PostgreSQL 18. */
export type TypeChange = 'none' | 'index-rebuild' | 'rewrite'

interface Surroundings {
  /** undefined: not known */
  isUtc: boolean | undefined
  changesCollation: boolean
}

const temporal = new Set(['timestamp', 'timestamptz', 'time', 'timetz', 'interval'])
const finest = 6
const precision = ({ name, mods }: ColumnType): number =>
  (name === 'interval' ? mods[1] : mods[0]) ?? (name === 'interval' && mods.length === 1 ? 0 : finest)
const limit = ({ mods }: ColumnType): number => mods[0] ?? Infinity

/** Pairs that are the same bytes; the second word says whether an index has to be built anew. */
const sameBytes: Record<string, TypeChange> = {
  'varchar text': 'none',
  'cidr inet': 'none',
  'xml text': 'none',
  'oid int4': 'index-rebuild',
  'int4 oid': 'index-rebuild',
  'text citext': 'index-rebuild',
  'varchar citext': 'index-rebuild',
  'citext text': 'index-rebuild',
}

/** What the change costs; the heap is rewritten unless this knows better. */
export function typeChange(from: ColumnType, to: ColumnType, { isUtc, changesCollation }: Surroundings): TypeChange {
  const change = withoutCollation(from, to, isUtc)
  return change === 'none' && changesCollation ? 'index-rebuild' : change
}

function withoutCollation(from: ColumnType, to: ColumnType, isUtc: boolean | undefined): TypeChange {
  if (isSame(from, to)) return 'none'
  if (from.isArray || to.isArray) return 'rewrite'
  if (temporal.has(from.name) && precision(to) < precision(from)) return 'rewrite'
  if (from.name !== to.name) return renamed(from, to, isUtc)
  if (temporal.has(from.name)) return 'none'
  switch (from.name) {
    case 'varchar':
    case 'varbit':
      return limit(to) >= limit(from) ? 'none' : 'rewrite'
    case 'numeric':
      return to.mods.length === 0 || (from.mods.length > 0 && limit(to) >= limit(from) && scale(to) === scale(from))
        ? 'none'
        : 'rewrite'
    default:
      return 'rewrite'
  }
}

function renamed(from: ColumnType, to: ColumnType, isUtc: boolean | undefined): TypeChange {
  const pair = `${from.name} ${to.name}`
  if (pair === 'text varchar') return to.mods.length === 0 ? 'none' : 'rewrite'
  if (pair === 'timestamp timestamptz' || pair === 'timestamptz timestamp') return isUtc ? 'index-rebuild' : 'rewrite'
  return sameBytes[pair] ?? 'rewrite'
}

const scale = ({ mods }: ColumnType): number => mods[1] ?? 0

const isSame = (from: ColumnType, to: ColumnType): boolean =>
  from.name === to.name && from.isArray === to.isArray && from.mods.join() === to.mods.join()

/** Whether only the session's time zone decides what the change costs. */
export const dependsOnZone = (from: ColumnType, to: ColumnType): boolean =>
  typeChange(from, to, { isUtc: true, changesCollation: false }) !==
  typeChange(from, to, { isUtc: false, changesCollation: false })

const builtIn = new Set(
  `int2 int4 int8 smallint integer bigint float4 float8 numeric money bool bpchar char varchar text name citext bytea
   date time timetz timestamp timestamptz interval uuid json jsonb jsonpath xml inet cidr macaddr macaddr8 bit varbit
   point line lseg box path polygon circle tsvector tsquery oid regclass pg_lsn xid8 hstore ltree vector geometry geography
   int4range int8range numrange tsrange tstzrange daterange int4multirange int8multirange nummultirange tsmultirange
   tstzmultirange datemultirange serial serial2 serial4 serial8 bigserial smallserial`.split(/\s+/),
)

/** Whether it is PostgreSQL's own type, or one of a common extension, and so no domain. */
export const isBuiltIn = (name: string): boolean => builtIn.has(name)
