import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import type { Backfill } from '../../src/domain/migrations/backfill'

export interface Running {
  child: ChildProcess
  /** what it has said */
  lines: string[]
  ended: Promise<unknown>
}

const children = new Set<ChildProcess>()

/** A process that runs a backfill, to be killed. It has time to be looked at: no timeout ends a batch that the test holds. */
export function startBackfill(url: string, backfill: Backfill, owner: string): Running {
  const program = join(__dirname, 'backfill-process.ts')
  const options = JSON.stringify({ lockTimeoutMs: 60_000, statementTimeoutMs: 60_000 })
  const args = ['--import', 'tsx', program, url, JSON.stringify(backfill), owner, options]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  children.add(child)
  const lines: string[] = []
  child.stdout?.on('data', (data: Buffer) => lines.push(...data.toString().split('\n').filter(Boolean)))
  return { child, lines, ended: new Promise((resolve) => child.once('close', resolve)) }
}

export async function kill({ child, ended }: Running): Promise<void> {
  child.kill('SIGKILL')
  await ended
}

export function killAll(): void {
  for (const child of children) child.kill('SIGKILL')
  children.clear()
}

/** The rows that it has looked at, by a line that it said. */
export const scannedBy = (line: string): number =>
  line.startsWith('{') ? (JSON.parse(line) as { scannedHere: number }).scannedHere : 0
