import type { ClientBase } from 'pg'
import type { LockMode, TableLock } from '../../domain/migrations/trace'
import { locksQuery, relationsQuery } from './catalog-query'

/** A table or an index with its file. */
export interface Relation {
  oid: string
  kind: string
  name: string
  /** of an index */
  table: string | null
  file: string | null
  scans: number
}

/** Tables and materialized views that were there before the phase, by oid. */
export type LiveTables = ReadonlyMap<string, string>

const isTable = ({ kind }: Relation): boolean => ['r', 'p', 'm'].includes(kind)

export async function relations(client: ClientBase): Promise<Relation[]> {
  return (await client.query<Relation>(relationsQuery)).rows
}

export const liveTables = (all: readonly Relation[]): LiveTables =>
  new Map(all.filter(isTable).map(({ oid, name }) => [oid, name]))

/** What a session holds, or with `wanted` also waits for, on live tables. */
export async function tableLocks(
  client: ClientBase,
  pid: number,
  live: LiveTables,
  { wanted = false } = {},
): Promise<TableLock[]> {
  const { rows } = await client.query<{ oid: string; mode: LockMode; granted: boolean }>(locksQuery, [pid])
  return rows
    .flatMap(({ oid, mode, granted }) => {
      const relation = live.get(oid)
      return relation !== undefined && (granted || wanted) ? [{ relation, mode }] : []
    })
    .sort((a, b) => (a.relation + a.mode < b.relation + b.mode ? -1 : 1))
}

/** What two readings within one transaction say of live tables. */
export function compareRelations(
  before: readonly Relation[],
  after: readonly Relation[],
  live: LiveTables,
): { rewritten: string[]; rebuilt: string[]; scanned: string[] } {
  const was = new Map(before.map((relation) => [relation.oid, relation]))
  const indexes = new Map(before.filter((each) => !isTable(each)).map((each) => [each.name, each]))
  const known = after.filter(({ oid }) => live.has(oid) && was.has(oid))
  const names = (some: Relation[]): string[] => some.map(({ oid }) => live.get(oid) ?? '').sort()
  return {
    rewritten: names(known.filter(({ oid, file }) => file !== was.get(oid)?.file)),
    scanned: names(known.filter(({ oid, kind, scans }) => kind !== 'p' && scans > (was.get(oid)?.scans ?? 0))),
    // ALTER TYPE makes the index anew, under its name; where the old file can stay, it stays.
    rebuilt: after
      .filter(({ kind, name, file }) => kind === 'i' && indexes.has(name) && indexes.get(name)?.file !== file)
      .map(({ name, table }) => `${name} on ${table}`)
      .sort(),
  }
}
