import { parse } from 'libpg-query'

export interface ParsedStatement {
  sql: string
  /** the node of the parse tree, such as `AlterTableStmt`; empty where PostgreSQL's parser refuses it */
  kind: string
  /** of a TransactionStmt, such as `TRANS_STMT_BEGIN` */
  transaction?: string
  /** an UPDATE or DELETE without WHERE */
  everyRow?: boolean
}

/** SQL cut into statements by PostgreSQL's own parser; one that it refuses stays whole, for the server to refuse. */
export async function parseSql(sql: string): Promise<ParsedStatement[]> {
  const bytes = Buffer.from(sql)
  try {
    const { stmts = [] } = await parse(sql)
    return stmts.map(({ stmt, stmt_location: from = 0, stmt_len: length = 0 }) => {
      const [kind = '', node] = Object.entries(stmt ?? {})[0] ?? []
      const fields = (node ?? {}) as { kind?: unknown; whereClause?: unknown }
      return {
        sql: bytes
          .subarray(from, length === 0 ? undefined : from + length)
          .toString('utf8')
          .trim(),
        kind,
        ...(kind === 'TransactionStmt' ? { transaction: String(fields.kind) } : {}),
        ...(/^(Update|Delete)Stmt$/.test(kind) ? { everyRow: fields.whereClause === undefined } : {}),
      }
    })
  } catch {
    return sql.trim() === '' ? [] : [{ sql, kind: '' }]
  }
}
