import { readFile, stat } from 'node:fs/promises'
import { parseInstant } from '../domain/parse-instant'
import type { BackupRule } from '../domain/policy'
import { clean, durationWords, instant } from '../domain/text'
import { askBackup } from './backup-http'
import { fillReferences, MissingVariable } from './fill-references'
import { runBounded } from './run-bounded'

export type BackupProof = { ok: true; at: Date } | { ok: false; reason: string; next: string }

type Environment = Readonly<Record<string, string | undefined>>

const commandTimeoutMs = 30_000
/** A clock that is off by less than this is no reason to stop. */
const skewMs = 300_000
/** What is longer is a backup itself, and tells its time by when it was written. */
const maxNote = 4_096

/**
 * Whether a backup is proven that is young enough. Never throws: whatever comes in the way of a proof is the reason. Its
 * words never hold a value of the environment.
 */
export async function provenBackup(
  { maxAgeMs, check }: BackupRule,
  environment: Environment,
  now: Date | number,
): Promise<BackupProof> {
  const nowMs = Number(now)
  try {
    const at = await instantOf(check, environment, nowMs)
    if (typeof at === 'string') return unproven(at)
    if (at.getTime() > nowMs + skewMs)
      return unproven(`the proof of a backup says ${instant(at)}, which is yet to come`)
    const ageMs = nowMs - at.getTime()
    if (ageMs <= maxAgeMs) return { ok: true, at }
    return {
      ok: false,
      reason: `the newest proven backup is of ${instant(at)}, ${durationWords(ageMs)} old; at most ${durationWords(maxAgeMs)} is allowed`,
      next: 'Make a backup, then run refit scan.',
    }
  } catch (error) {
    if (!(error instanceof MissingVariable)) throw error
    return {
      ok: false,
      reason: `the check of the backup needs the environment variable ${error.variable}, which is not set`,
      next: 'Set it for the worker.',
    }
  }
}

const unproven = (reason: string): BackupProof => ({
  ok: false,
  reason,
  next: 'Make a backup, or correct backup.check in refit.yaml; then run refit scan.',
})

/** When the newest backup was made; a text says why that can't be told. */
function instantOf(check: BackupRule['check'], environment: Environment, nowMs: number): Promise<Date | string> {
  if ('command' in check) return byCommand(check.command, environment, nowMs)
  if ('file' in check) return byFile(fillReferences(check.file, environment))
  return askBackup(fillReferences(check.http, environment))
}

/** The command judges by itself where it prints nothing. */
async function byCommand(command: string[], environment: Environment, nowMs: number): Promise<Date | string> {
  const [program = '', ...rest] = command.map((word) => fillReferences(word, environment))
  const ended = await runBounded(program, rest, { env: { PATH: environment.PATH }, timeoutMs: commandTimeoutMs })
  const name = clean(command[0] ?? '', 100)
  if (ended.kind !== 'exited') return `the check of the backup, ${name}, ${ended.why}`
  if (ended.code !== 0) return `the check of the backup, ${name}, ended with exit code ${ended.code}`
  const said = lastLine(ended.stdout)
  if (said === '') return new Date(nowMs)
  return parseInstant(said) ?? `the last line that the check of the backup, ${name}, printed is no instant`
}

async function byFile(path: string): Promise<Date | string> {
  try {
    const { size, mtime } = await stat(path)
    const noted = size <= maxNote ? parseInstant(lastLine(await readFile(path, 'utf8'))) : undefined
    return noted ?? mtime
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    return code === 'ENOENT'
      ? 'the file that proves a backup is not there'
      : `the file that proves a backup can't be read (${code})`
  }
}

const lastLine = (text: string): string => text.trim().split('\n').at(-1)?.trim() ?? ''
