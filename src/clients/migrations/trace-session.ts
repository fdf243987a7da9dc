import type { Client } from 'pg'
import { noChange, schemaChange, type SchemaItem } from '../../domain/migrations/schema-items'
import type { TracedStatement } from '../../domain/migrations/trace'
import { clean } from '../../domain/text'
import type { SentStatement } from './frontend-messages'
import { watchOutside } from './outside-transaction'
import type { ParsedStatement } from './parse-sql'
import { compareRelations, type LiveTables, type Relation, relations, tableLocks } from './relations'
import { schemaItems } from './schema-fingerprint'

/** What all sessions of one replay share. */
export interface ReplayState {
  url: string
  live: LiveTables
  /** the schema after the last statement */
  items: SchemaItem[]
  transactions: number
}

type Step = ParsedStatement & Pick<SentStatement, 'values'>

/** These neither lock nor change what is traced, and some must come before any other statement of a transaction. */
const isControl = ({ kind }: Step): boolean => kind === 'TransactionStmt' || kind === 'VariableSetStmt'

/** One connection of a migration on the second copy: runs its statements one by one, and looks after each. */
export class TraceSession {
  private held: TracedStatement['held'] = []
  private before: Relation[] | undefined
  private transaction = 0

  constructor(
    private readonly client: Client,
    private readonly pid: number,
    private readonly state: ReplayState,
  ) {}

  /** Undefined for control statements that went well. */
  async run(step: Step): Promise<TracedStatement | undefined> {
    if (isControl(step)) return this.control(step)
    if (this.isOpen()) return this.inTransaction(step)
    await this.client.query('begin')
    const traced = await this.inTransaction(step)
    const error = await this.end(traced.error ? 'rollback' : 'commit')
    // 25001: can't run in a transaction block; 2D000: ends its transaction itself.
    if (traced.error && ['25001', '2D000'].includes(traced.error.code)) return this.outside(step)
    return error ? { ...traced, error } : traced
  }

  isOpen(): boolean {
    return this.client.getTransactionStatus() !== 'I'
  }

  private async control(step: Step): Promise<TracedStatement | undefined> {
    const error = await failure(this.query(step))
    if (!this.isOpen()) this.forget()
    const isUndone = error !== undefined || step.transaction?.includes('ROLLBACK')
    if (isUndone && this.client.getTransactionStatus() !== 'E') this.state.items = await schemaItems(this.client)
    return error ? { ...this.blank(step), error } : undefined
  }

  private async end(how: 'commit' | 'rollback'): Promise<TracedStatement['error']> {
    const error = await failure(this.client.query(how))
    if (this.isOpen()) await this.client.query('rollback')
    this.forget()
    return error
  }

  private forget(): void {
    this.held = []
    this.before = undefined
  }

  private async inTransaction(step: Step): Promise<TracedStatement> {
    if (this.client.getTransactionStatus() === 'T' && !this.before) {
      this.before = await relations(this.client)
      this.held = await tableLocks(this.client, this.pid, this.state.live)
      this.transaction = ++this.state.transactions
    }
    const error = await failure(this.query(step))
    if (error || this.client.getTransactionStatus() !== 'T') return { ...this.blank(step), error }
    const { live } = this.state
    const held = await tableLocks(this.client, this.pid, live)
    const locks = held.filter(
      (lock) => !this.held.some((had) => had.relation === lock.relation && had.mode === lock.mode),
    )
    const after = await relations(this.client)
    const seen = compareRelations(this.before ?? after, after, live)
    const changes = await this.changes()
    this.held = held
    this.before = after
    return { ...this.blank(step), locks, held, ...seen, changes }
  }

  private async outside(step: Step): Promise<TracedStatement> {
    const before = await relations(this.client)
    const { url, live } = this.state
    const { locks, error } = await watchOutside(this.pid, url, live, () => this.query(step))
    const after = await relations(this.client)
    this.transaction = ++this.state.transactions
    return {
      ...this.blank(step),
      outsideTransaction: true,
      locks,
      held: locks,
      ...compareRelations(before, after, live),
      scanned: [],
      changes: await this.changes(),
      ...(error === undefined ? {} : { error: errorOf(error) }),
    }
  }

  private async changes(): Promise<TracedStatement['changes']> {
    const items = await schemaItems(this.client)
    const changes = schemaChange(this.state.items, items)
    this.state.items = items
    return changes
  }

  private query({ sql, values }: Step): Promise<unknown> {
    return values ? this.client.query(sql, values) : this.client.query(sql)
  }

  private blank({ sql, kind, everyRow }: Step): TracedStatement {
    return {
      sql,
      kind,
      transaction: this.transaction,
      outsideTransaction: false,
      locks: [],
      held: this.held,
      rewritten: [],
      rebuilt: [],
      scanned: [],
      changes: noChange,
      ...(everyRow ? { everyRow } : {}),
    }
  }
}

async function failure(work: Promise<unknown>): Promise<TracedStatement['error']> {
  try {
    await work
    return undefined
  } catch (error) {
    return errorOf(error)
  }
}

/** The server's own words; a message never carries the values of a row here, because details are left out. */
function errorOf(error: unknown): { code: string; message: string } {
  const { code, message } = error as { code?: unknown; message?: unknown }
  return { code: typeof code === 'string' ? code : '', message: clean(String(message ?? error), 500) }
}
