/** One object of a schema in canonical words. */
export interface SchemaItem {
  kind: string
  /** `schema.table` or `schema.table.column`, without the schema where it is public */
  name: string
  /** the table that it belongs to */
  table?: string
  /** the columns of a constraint or an index */
  columns?: string[]
  /** all else that tells two objects of that name apart */
  text: string
}

export interface SchemaChange {
  added: SchemaItem[]
  removed: SchemaItem[]
  /** the same object by kind and name, with another text */
  changed: { before: SchemaItem; after: SchemaItem }[]
}

export const noChange: SchemaChange = { added: [], removed: [], changed: [] }

/** The line of a fingerprint. */
export const lineOf = ({ kind, name, text }: SchemaItem): string => `${kind} ${name}: ${text}`

const keyOf = ({ kind, name, table }: SchemaItem): string => `${kind}\n${table ?? ''}\n${name}`

/** What differs between two states of a schema. */
export function schemaChange(before: readonly SchemaItem[], after: readonly SchemaItem[]): SchemaChange {
  const old = new Map(before.map((item) => [keyOf(item), item]))
  const now = new Map(after.map((item) => [keyOf(item), item]))
  return {
    added: after.filter((item) => !old.has(keyOf(item))),
    removed: before.filter((item) => !now.has(keyOf(item))),
    changed: after.flatMap((item) => {
      const was = old.get(keyOf(item))
      return was && was.text !== item.text ? [{ before: was, after: item }] : []
    }),
  }
}

/** In words, a line each: `+ column transfer.quoteId: text`. */
export function changeLines({ added, removed, changed }: SchemaChange): string[] {
  return [
    ...removed.map((item) => `- ${lineOf(item)}`),
    ...changed.map(({ before, after }) => `~ ${lineOf(before)} → ${after.text}`),
    ...added.map((item) => `+ ${lineOf(item)}`),
  ]
}
