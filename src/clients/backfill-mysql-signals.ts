import { connect } from './backfill-mysql-connection'
import type { SignalReader } from './backfill-session'

/**
 * A connection of its own: the one that runs the batches is busy while others wait for it. Without the right PROCESS the
 * server tells only of metadata locks and of the user's own sessions; the dry run says so.
 */
export async function mysqlSignals(url: string, runner: number, isMariaDb: boolean): Promise<SignalReader> {
  const connection = await connect(url)
  connection.on('error', () => undefined)
  const close = () => connection.end().catch(() => connection.destroy())
  const ask = async (sql: string) => {
    const [rows] = await connection.query({ sql, timeout: 5_000 })
    return (rows as Record<string, unknown>[])[0] ?? {}
  }
  try {
    // The times of innodb_trx are the server's own.
    await connection.query(`set session time_zone = 'SYSTEM'`)
    const sees = await ask('select count(*) from information_schema.innodb_trx').then(
      () => true,
      () => false,
    )
    const sql = signalsOf(runner, sees, isMariaDb ? 'time_ms' : 'time * 1000')
    return {
      async read() {
        const { blocked_row: row, blocked_table: table, long_transaction: long } = await ask(sql)
        const waits = [row, table].filter((each) => each !== null && each !== undefined).map(Number)
        return {
          blockedMs: waits.length > 0 ? Math.max(...waits) : undefined,
          longTransactionMs: long === null || long === undefined ? undefined : Number(long),
        }
      },
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

/**
 * Sessions of this database that wait for a row or for a table's metadata, and the oldest transaction of the whole server:
 * what one of them still may read can't be purged anywhere.
 */
function signalsOf(runner: number, sees: boolean, waited: string): string {
  const since = (column: string) => `max(timestampdiff(microsecond, ${column}, now(6))) / 1000`
  const row = `(select ${since('trx_wait_started')} from information_schema.innodb_trx
    join information_schema.processlist on id = trx_mysql_thread_id
    where trx_state = 'LOCK WAIT' and db = database() and id <> ${runner})`
  const long = `(select ${since('trx_started')} from information_schema.innodb_trx
    where trx_mysql_thread_id not in (0, ${runner}, connection_id()))`
  return `select ${sees ? row : 'null'} as blocked_row, ${sees ? long : 'null'} as long_transaction,
    (select max(${waited}) from information_schema.processlist
      where db = database() and id <> ${runner} and state like 'Waiting for table%lock%') as blocked_table`
}
