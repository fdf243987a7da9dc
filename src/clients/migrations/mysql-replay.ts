import type { Connection } from 'mysql2/promise'
import { mysqlTable, saysHow, type MysqlStatement, type MysqlWay } from '../../domain/migrations/mysql-findings'
import { clean } from '../../domain/text'
import { withMysql } from './mysql-scratch'

/** From the gentlest on; the server itself says which it can. MySQL knows no NOCOPY. */
const forms: [MysqlWay, string][] = [
  ['instant', 'ALGORITHM=INSTANT'],
  ['online', 'ALGORITHM=NOCOPY, LOCK=NONE'],
  ['online', 'ALGORITHM=INPLACE, LOCK=NONE'],
  ['blocks-writes', 'ALGORITHM=INPLACE, LOCK=SHARED'],
]

/** Runs statements one by one on a copy, and finds out for each change of a table how gently the server can do it. */
export const replayMysql = (url: string, statements: readonly string[], timeout: number): Promise<MysqlStatement[]> =>
  withMysql(url, async (connection) => {
    const replayed: MysqlStatement[] = []
    for (const sql of statements) replayed.push(await replay(connection, sql, timeout))
    return replayed
  })

async function replay(connection: Connection, sql: string, timeout: number): Promise<MysqlStatement> {
  const touched = mysqlTable(sql)
  const isChange = touched && ['alter', 'create-index', 'drop-index'].includes(touched.kind)
  const way =
    isChange && !saysHow(sql) ? await gentlest(connection, sql, touched.kind === 'alter' ? ', ' : ' ') : undefined
  const base = { sql, ...(isChange ? { table: touched.table } : {}) }
  if (way) return { ...base, way }
  try {
    await connection.query({ sql, timeout })
    // All gentler forms were refused, and this was not.
    return { ...base, ...(isChange && !saysHow(sql) ? { way: 'copies' as const } : {}) }
  } catch (error) {
    const { code = '', message } = error as { code?: string; message: string }
    return { ...base, error: { code, message: clean(message, 500) } }
  }
}

/** It is done when this returns; undefined: the server can't do it in any of these ways. */
async function gentlest(connection: Connection, sql: string, glue: string): Promise<MysqlWay | undefined> {
  const bare = sql.replace(/[\s;]+$/, '')
  for (const [way, form] of forms)
    try {
      await connection.query(`${bare}${glue}${glue === ' ' ? form.replace(', ', ' ') : form}`)
      return way
    } catch {
      continue
    }
  return undefined
}
