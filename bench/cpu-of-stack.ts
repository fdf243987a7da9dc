/** CPU seconds of a stack's processes: unlike the clock, they hardly grow on a machine that is busy with something else. */
import { readdir, readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { rounded } from './median'

/** A clock tick is 10 ms. */
const perSecond = 100

interface Process {
  parent: number
  command: string
  seconds: number
}

/** Seconds by program so far: what runs in the stack's folder, its children, and the named ones. */
export async function cpuOfStack(stateDir: string, named: Record<string, number>): Promise<Record<string, number>> {
  const processes = await readAll()
  const partOf = (pid: number): string | undefined => {
    const own = Object.entries(named).find(([, each]) => each === pid)?.[0]
    const found = processes.get(pid)
    if (own !== undefined || !found) return own
    return found.command.includes(stateDir) ? programOf(found.command) : partOf(found.parent)
  }
  const sums: Record<string, number> = {}
  for (const [pid, { seconds }] of processes) {
    const part = partOf(pid)
    if (part !== undefined) sums[part] = (sums[part] ?? 0) + seconds
  }
  return sums
}

/** What was used between two looks, whole seconds and above only. */
export function cpuBetween(before: Record<string, number>, after: Record<string, number>): Record<string, number> {
  const used = Object.entries(after).map(([part, seconds]) => [part, rounded(seconds - (before[part] ?? 0))] as const)
  const all = rounded(used.reduce((sum, [, seconds]) => sum + seconds, 0))
  return Object.fromEntries([['all', all], ...used.filter(([, seconds]) => seconds >= 1).sort((a, b) => b[1] - a[1])])
}

const programOf = (command: string): string => basename(command.split('\0')[0] ?? '').replace(/-v\d.*$/, '')

async function readAll(): Promise<Map<number, Process>> {
  const pids = (await readdir('/proc')).map(Number).filter((pid) => pid > 0)
  const found = await Promise.all(pids.map(async (pid) => [pid, await read(pid)] as const))
  return new Map(found.filter((each): each is [number, Process] => each[1] !== undefined))
}

async function read(pid: number): Promise<Process | undefined> {
  try {
    const [stat, command] = await Promise.all([
      readFile(`/proc/${pid}/stat`, 'utf8'),
      readFile(`/proc/${pid}/cmdline`, 'utf8'),
    ])
    const fields = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number)
    const [parent = 0] = fields.slice(1)
    return { parent, command, seconds: ((fields[11] ?? 0) + (fields[12] ?? 0)) / perSecond }
  } catch {
    // It has ended meanwhile.
    return undefined
  }
}
