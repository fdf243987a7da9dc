import { execFileSync, spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** What tells a process from a later one with the same id. */
export interface ProcessRecord {
  pid: number
  /** Start time as the system tells it: clock ticks since boot, or a date where there is no /proc. */
  started: string
  command: string[]
  /** When it was started, in milliseconds since the epoch. */
  since: number
}

export interface Command {
  file: string
  args: string[]
  env?: Record<string, string>
  uid?: number
  gid?: number
  cwd?: string
}

/** Marks every process of a stack, so that one whose id was never recorded is found as well. */
const marker = 'REFIT_STACK_DIRECTORY'

interface Identity {
  started: string
  executable: string
}

/** The identity of a living process; undefined when it is gone or a zombie nobody has reaped yet. */
export function identify(pid: number): Identity | undefined {
  try {
    if (process.platform !== 'linux') {
      const [started, executable] = ['lstart=', 'command='].map((column) =>
        execFileSync('ps', ['-p', String(pid), '-o', column], { encoding: 'utf8' }).trim(),
      )
      return started && executable ? { started, executable: executable.split(' ')[0] ?? '' } : undefined
    }
    const stat = parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8'))
    if (stat.state === 'Z' || stat.state === 'X') return undefined
    return { started: stat.started, executable: readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')[0] ?? '' }
  } catch {
    return undefined
  }
}

/** State and start time of /proc/PID/stat; the command in parentheses may itself hold spaces and parentheses. */
export function parseStat(stat: string): { state: string; started: string } {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return { state: fields[0] ?? '', started: fields[19] ?? '' }
}

/** True while the very process that was recorded lives. */
export function isAlive(record: ProcessRecord | undefined): record is ProcessRecord {
  if (!record) return false
  const now = identify(record.pid)
  if (now?.started !== record.started) return false
  return record.command[0] === undefined || now.executable === record.command[0]
}

/** The calling process, as a record; without a command line, since Node may change its own. */
export function self(): ProcessRecord {
  return { pid: process.pid, started: identify(process.pid)?.started ?? '', command: [], since: Date.now() }
}

/** The environment of a stack's process: its mark, and nothing of the caller's KUBECONFIG, DATABASE_URL or credentials. */
export function childEnvironment(stateDir: string): Record<string, string> {
  return { PATH: searchPath(), HOME: stateDir, LANG: 'C', TZ: 'UTC', TMPDIR: '/tmp', [marker]: stateDir }
}

/** PATH with the administrator's folders, which a plain user's PATH leaves out on Debian. */
export function searchPath(): string {
  const parts = (process.env.PATH ?? '').split(':').filter(Boolean)
  return [...new Set([...parts, '/usr/local/sbin', '/usr/sbin', '/sbin', '/usr/bin', '/bin'])].join(':')
}

/**
 * Starts a process that outlives the launcher.
 *
 * @param logFile - gets its output, appended
 * @throws when the program can't be executed
 */
export async function startDetached(command: Command, stateDir: string, logFile: string): Promise<ProcessRecord> {
  mkdirSync(dirname(logFile), { recursive: true })
  const log = openSync(logFile, 'a')
  try {
    const child = spawn(command.file, command.args, {
      detached: true,
      stdio: ['ignore', log, log],
      cwd: command.cwd ?? stateDir,
      env: { ...childEnvironment(stateDir), ...command.env },
      uid: command.uid,
      gid: command.gid,
    })
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve)
      child.once('error', reject)
    })
    child.unref()
    const pid = child.pid as number
    const { started } = identify(pid) ?? { started: '' }
    return { pid, started, command: [command.file, ...command.args], since: Date.now() }
  } finally {
    closeSync(log)
  }
}

/** Ends a process: the signal, then SIGKILL once the grace period (milliseconds) is over. */
export async function terminate(record: ProcessRecord, signal: NodeJS.Signals, grace: number): Promise<void> {
  if (!isAlive(record)) return
  send(record.pid, signal)
  await whileIt(() => isAlive(record), grace)
  if (isAlive(record)) send(record.pid, 'SIGKILL')
  await whileIt(() => isAlive(record), 5000)
  // Dead, but its number is taken until its parent has asked for it: PostgreSQL would believe that it still runs.
  await whileIt(() => isKnown(record.pid), 500)
}

/** Waits for as long as something lasts, but no longer than `ms`. */
async function whileIt(lasts: () => unknown, ms: number): Promise<void> {
  for (const deadline = Date.now() + ms; lasts() && Date.now() < deadline;) await sleep(25)
}

function isKnown(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}

/** Kills what carries this stack's mark: processes a killed launcher didn't get to record, and their children. */
export async function killMarked(stateDir: string): Promise<number> {
  const marked = findMarked(stateDir)
  for (const pid of marked) send(pid, 'SIGKILL')
  await whileIt(() => marked.some((pid) => identify(pid)), 5000)
  return marked.length
}

/** Ids of all living processes that carry this stack's mark. */
export function findMarked(stateDir: string): number[] {
  if (process.platform !== 'linux') return []
  const pids = readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))
  return pids.map(Number).filter((pid) => pid !== process.pid && carriesMark(pid, stateDir) && identify(pid))
}

function carriesMark(pid: number, stateDir: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(`${marker}=${stateDir}`)
  } catch {
    return false
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
