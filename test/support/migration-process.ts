import { writeFileSync } from 'node:fs'
import { listMigrationFiles, runMigrations } from '../../src/clients/knex-migrations'
import type { MigrationRun } from '../../src/clients/migrations/run-contract'

/** What a process is told: a run, and by which of its words it kills itself. */
export interface ProcessRun {
  url: string
  directory: string
  phase: MigrationRun['phase']
  list: string
  rehearsed?: MigrationRun['rehearsed']
  limits?: MigrationRun['limits']
  /** a heartbeat that begins so is its last */
  dieAt?: string
  /** where its end is written: what it applied, or the error's code and message */
  result: string
}

/** A process that runs one phase, for tests that kill it. */
async function main(): Promise<void> {
  const { dieAt, result, ...run } = JSON.parse(process.argv[2] ?? '{}') as ProcessRun
  const files = (await listMigrationFiles(run.directory)).filter(({ phase }) => phase === run.phase)
  const heartbeat = (seen: string): void => {
    process.stdout.write(`${seen}\n`)
    if (dieAt !== undefined && seen.startsWith(dieAt)) process.kill(process.pid, 'SIGKILL')
  }
  const end = await runMigrations({ ...run, files, heartbeat }).catch((error: { code?: string; message: string }) => ({
    code: error.code,
    message: error.message,
  }))
  writeFileSync(result, JSON.stringify(end))
}

void main()
