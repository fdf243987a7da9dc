import type { Connection, RowDataPacket } from 'mysql2/promise'
import { atSchema, mysqlConnection, schemaOf } from './mysql-scratch'

/** What sessions on one database sent, by the server's own log. */
export interface MysqlLog {
  /** of the sessions that began since the last call; undefined where the server keeps no log */
  statements(): Promise<string[] | undefined>
  /** sets the log back as it was */
  close(): Promise<void>
}

/** Of drivers, and what changes nothing. */
const greetings =
  /^\s*(?:select\s+version\(\)|set\s+(?:session\s+)?(?:names|autocommit|sql_mode)|use\s|begin\b|start\s+transaction|commit\b|rollback\b|savepoint\b|release\s|set\s+transaction)/i

/** Turns the general log on, into a table; the login must be allowed that. */
export async function openMysqlLog(url: string): Promise<MysqlLog> {
  // On no database: sessions on a copy are ended before it is copied.
  const admin = await mysqlConnection(atSchema(url, ''))
  const was = await turnOn(admin)
  const seen = new Set<number>()
  return {
    async statements() {
      if (!was) return undefined
      const [rows] = await admin.query<RowDataPacket[]>(
        `select thread_id as session, cast(argument as char) as sql_text from mysql.general_log
         where command_type in ('Query', 'Execute') and thread_id in (
           select thread_id from mysql.general_log where command_type = 'Connect' and argument like ?)
         order by event_time`,
        [`% on ${schemaOf(url)} %`],
      )
      const fresh = rows.filter(({ session }) => !seen.has(Number(session)))
      for (const { session } of fresh) seen.add(Number(session))
      return fresh.map(({ sql_text: sql }) => String(sql)).filter((sql) => !greetings.test(sql))
    },
    async close() {
      if (was)
        await admin
          .query('set global general_log = ?, global log_output = ?', [was.on, was.output])
          .catch(() => undefined)
      admin.destroy()
    },
  }
}

async function turnOn(admin: Connection): Promise<{ on: number; output: string } | undefined> {
  try {
    const [rows] = await admin.query<RowDataPacket[]>(
      'select @@global.general_log as is_on, @@global.log_output as output',
    )
    await admin.query("set global log_output = 'TABLE', global general_log = 1")
    await admin.query('select 1 from mysql.general_log limit 1')
    return { on: Number(rows[0]?.is_on), output: String(rows[0]?.output) }
  } catch {
    return undefined
  }
}
