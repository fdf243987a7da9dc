import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isAlive, self, type ProcessRecord } from './process'
import { StackError } from './types'

interface Holder {
  process: ProcessRecord
  purpose: string
}

export interface WaitOptions {
  /** Milliseconds to wait for another holder. */
  timeout: number
  /** Called once if there is something to wait for. */
  onWait?: (holder: string) => void
}

/**
 * Runs `work` while holding a lock file.
 *
 * The holder is a process id with its start time, so a launcher that was killed blocks nobody, not even for a moment.
 */
export async function withLock<T>(
  path: string,
  purpose: string,
  wait: WaitOptions,
  work: () => Promise<T>,
): Promise<T> {
  await acquire(path, purpose, wait)
  try {
    return await work()
  } finally {
    rmSync(path, { force: true })
  }
}

async function acquire(path: string, purpose: string, { timeout, onWait }: WaitOptions): Promise<void> {
  mkdirSync(dirname(path), { recursive: true })
  const deadline = Date.now() + timeout
  for (let told = false; ; await sleep(50)) {
    const holder = tryLock(path, purpose)
    if (holder === 'taken') return
    if (holder === 'stale') continue
    const who = `${holder.purpose} (process ${holder.process.pid})`
    if (Date.now() >= deadline) throw new StackError(`${path} is held by ${who}: wait until it is done, or end it`)
    if (!told) onWait?.(who)
    told = true
  }
}

/** Takes the lock, or tells who has it. Linking a finished file makes it appear with its content or not at all. */
function tryLock(path: string, purpose: string): 'taken' | 'stale' | Holder {
  const own = `${path}.${process.pid}.${Math.random().toString(36).slice(2)}`
  writeFileSync(own, JSON.stringify({ process: self(), purpose } satisfies Holder))
  try {
    linkSync(own, path)
    return 'taken'
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    const content = readHolder(path)
    if (content && isAlive(content.holder.process)) return content.holder
    if (content) removeStale(path, content.text)
    return 'stale'
  } finally {
    rmSync(own, { force: true })
  }
}

function readHolder(path: string): { text: string; holder: Holder } | undefined {
  try {
    const text = readFileSync(path, 'utf8')
    return { text, holder: JSON.parse(text) as Holder }
  } catch {
    return undefined
  }
}

/** Of several who see the same stale lock only one removes it; whoever renamed a fresh one puts it back. */
function removeStale(path: string, seen: string): void {
  const aside = `${path}.stale.${process.pid}`
  try {
    renameSync(path, aside)
    if (readFileSync(aside, 'utf8') !== seen) linkSync(aside, path)
  } catch {
    return
  } finally {
    rmSync(aside, { force: true })
  }
}
