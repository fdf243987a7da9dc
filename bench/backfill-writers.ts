import { Pool } from 'pg'

export interface Waits {
  writes: number
  p99Ms: number
  longestMs: number
  failed: number
}

/**
 * Writers at a fixed rate, whatever the database answers: each write is timed from when it was due, so that one that had
 * to wait for an earlier one counts as slow, too. Two updates of rows at random for each new row.
 */
export class Writers {
  readonly #pool: Pool
  #taken: number[] = []
  #failed = 0
  #firstError?: Error
  #open = new Set<Promise<void>>()
  #timer?: NodeJS.Timeout

  constructor(
    url: string,
    private readonly rows: number,
    private readonly perSecond: number,
  ) {
    this.#pool = new Pool({ connectionString: url, max: 32, min: 32, idleTimeoutMillis: 0 })
  }

  async start(): Promise<void> {
    // Connecting is no part of a write.
    const clients = await Promise.all(Array.from({ length: 32 }, () => this.#pool.connect()))
    clients.forEach((client) => client.release())
    const started = performance.now()
    let due = 0
    this.#timer = setInterval(() => {
      const now = performance.now()
      for (; started + (due * 1_000) / this.perSecond <= now; due += 1)
        this.#write(due, started + (due * 1_000) / this.perSecond)
    }, 1)
  }

  #write(turn: number, dueAt: number): void {
    const id = Math.ceil(Math.random() * this.rows)
    const sql =
      turn % 3 === 2
        ? `insert into transfer (amount, payer, note, quote_id) values ($1, 'dfsp-1', 'a new one', 'quote')`
        : 'update transfer set amount = amount + 1 where id = $1'
    const writing = this.#pool.query(sql, [id]).then(
      () => void this.#taken.push(performance.now() - dueAt),
      (error: Error) => {
        this.#failed += 1
        this.#firstError ??= error
      },
    )
    this.#open.add(writing)
    void writing.finally(() => this.#open.delete(writing))
  }

  /** What was measured since the last call. */
  async take(): Promise<Waits> {
    await Promise.all(this.#open)
    const sorted = this.#taken.sort((a, b) => a - b)
    this.#taken = []
    const waits = {
      writes: sorted.length,
      p99Ms: sorted[Math.ceil(sorted.length * 0.99) - 1] ?? NaN,
      longestMs: sorted.at(-1) ?? NaN,
      failed: this.#failed,
    }
    this.#failed = 0
    return waits
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await Promise.all(this.#open)
    await this.#pool.end()
    if (this.#firstError) throw this.#firstError
  }
}
