import type { TracedStatement } from '../../domain/migrations/trace'
import type { SentStatement } from './frontend-messages'
import { parseSql } from './parse-sql'
import { type LiveTables, liveTables, relations } from './relations'
import { schemaItems } from './schema-fingerprint'
import { type Bounded, boundedClient } from './bounded'
import { withDatabase } from './scratch'
import { type ReplayState, TraceSession } from './trace-session'

export interface Replay {
  /** replays what one file sent, and tells what each statement did */
  file(statements: readonly (SentStatement & { session: number })[]): Promise<TracedStatement[]>
  /** from here on the tables that are there now count as live */
  nextPhase(): Promise<void>
}

/** Replays on a copy; what takes longer than `deadlineMs` is ended there. */
export async function openReplay(url: string, deadlineMs: number, signal?: AbortSignal): Promise<Replay> {
  const live = (): Promise<LiveTables> => withDatabase(url, async (client) => liveTables(await relations(client)))
  const state: ReplayState = {
    url,
    live: await live(),
    items: await withDatabase(url, schemaItems),
    transactions: 0,
  }
  return {
    nextPhase: async () => void (state.live = await live()),
    async file(statements) {
      const sessions = new Map<number, { bounded: Bounded; trace: TraceSession }>()
      state.transactions = 0
      try {
        const traced: TracedStatement[] = []
        for (const statement of statements) {
          signal?.throwIfAborted()
          const { session } = statement
          const { trace } = sessions.get(session) ?? (await open(session))
          for (const step of await steps(statement, trace.isOpen()))
            traced.push(...[await trace.run(step)].flatMap((each) => each ?? []))
        }
        return traced
      } finally {
        for (const { bounded } of sessions.values()) await bounded.close()
      }

      async function open(session: number): Promise<{ bounded: Bounded; trace: TraceSession }> {
        const bounded = await boundedClient(url, deadlineMs, signal)
        const opened = { bounded, trace: new TraceSession(bounded.client, bounded.pid, state) }
        sessions.set(session, opened)
        return opened
      }
    },
  }
}

/** Statements that were sent in one message share a transaction, unless they handle their own. */
async function steps({ sql, values }: SentStatement, isOpen: boolean): Promise<Parameters<TraceSession['run']>[0][]> {
  const parsed = (await parseSql(sql)).map((statement) => ({ ...statement, ...(values ? { values } : {}) }))
  if (isOpen || parsed.length < 2 || parsed.some(({ kind }) => kind === 'TransactionStmt')) return parsed
  const control = (word: string) => ({ sql: word, kind: 'TransactionStmt' })
  return [control('begin'), ...parsed, control('commit')]
}
