import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { join } from 'node:path'
import type { LoadFigures, LoadTick } from '../examples/hub/load'
import type { Verification } from '../examples/hub/verify'

export interface FinalLoad extends LoadFigures {
  seconds: number
  verification: Verification | null
}

/** Payments in a process of their own, so that the story told here doesn't disturb what is measured there. */
export class LoadProcess {
  last: LoadTick | undefined
  private final: FinalLoad | undefined
  private readonly closed: Promise<unknown>

  private constructor(private readonly child: ChildProcess) {
    this.closed = once(child, 'close')
    if (child.stdout)
      createInterface({ input: child.stdout }).on('line', (line) => {
        const figures = JSON.parse(line) as (LoadTick & { final?: false }) | (FinalLoad & { final: true })
        if (figures.final) this.final = figures
        else this.last = figures
      })
  }

  static start({
    ledger,
    quoting,
    rate,
    databaseUrl,
  }: {
    ledger: number
    quoting: number
    rate: number
    databaseUrl: string
  }): LoadProcess {
    const url = (port: number): string => `http://127.0.0.1:${port}`
    const args = [
      join(__dirname, '../examples/hub/load-main.ts'),
      '--ledger',
      url(ledger),
      '--quoting',
      url(quoting),
      '--rate',
      String(rate),
    ]
    const child = spawn(process.execPath, ['--import', 'tsx', ...args], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, DATABASE_URL: databaseUrl },
    })
    return new LoadProcess(child)
  }

  /** From now on payments count for this label, too; undefined: for none. */
  label(name: string | undefined): void {
    this.child.stdin?.write(`${name ?? ''}\n`)
  }

  /** Sends no more, waits for what is in flight, and checks the ledger against what the payers were told. */
  async stop(): Promise<FinalLoad> {
    if (this.child.exitCode === null) this.child.kill('SIGTERM')
    await this.closed
    if (!this.final) throw new Error('the load generator ended without its last line')
    return this.final
  }

  kill(): void {
    this.child.kill('SIGKILL')
  }
}
