export interface SentStatement {
  /** begins or ends a transaction, and does nothing else */
  isControl: boolean
  /** changes the schema; on MySQL it commits what came before */
  changesSchema: boolean
  /** may change rows */
  writesRows: boolean
  /** waits without making others wait: a concurrent build, the check of a constraint */
  isGentle: boolean
  /** sets a timeout of its own, which then holds */
  setsTimeout: boolean
}

/** In front of the first word: comments, and the brackets that some put around everything. */
const lead = String.raw`^(?:\s|--[^\n]*(?:\n|$)|/\*[\s\S]*?\*/|\()*`
const begins = (words: string): RegExp => new RegExp(`${lead}(?:${words})\\b`, 'i')

const control = /^\s*(?:begin|start\s+transaction|commit|rollback|end)(?:\s+(?:work|transaction))?\s*;?\s*$/i
const schema = begins(
  'alter|create|drop|truncate|comment|rename|reindex|cluster|grant|revoke|lock|refresh|import|security|reassign|optimize|analyze',
)
const rows = begins('insert|update|delete|merge|replace|copy|call|do|with|load|select|execute|truncate')
const onlyReads = new RegExp(`${lead}select\\b(?![\\s\\S]*\\b(?:into|insert|update|delete|merge)\\b)`, 'i')
const gentle = /\bconcurrently\b|\bvalidate\s+constraint\b/i
const timeout = /\bset\b[\s\S]*\b(?:statement_timeout|max_statement_time|max_execution_time)\b/i

/** What the runner must know of a statement before it sends it; by its words, and rather too much than too little. */
export const sentStatement = (sql: string): SentStatement => ({
  isControl: control.test(sql),
  changesSchema: schema.test(sql),
  writesRows: rows.test(sql) && !onlyReads.test(sql),
  isGentle: gentle.test(sql),
  setsTimeout: timeout.test(sql),
})

/** Whether a migration's text may do what its schema doesn't show: then that alone doesn't tell that it came to its end. */
export const mayWriteRows = (text: string): boolean =>
  /\b(?:insert|update|delete|del|merge|upsert|replace|copy|call|batchInsert|increment|decrement)\b/i.test(text) ||
  /\b(?:truncate|select|setval|grant|revoke|comment|owner|refresh|reindex|security|partition|load|execute|require|import)\b|\bdo\s*\$/i.test(
    text,
  )
