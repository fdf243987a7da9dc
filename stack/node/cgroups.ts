import { existsSync, readdirSync, readFileSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { identify } from '../process'

const root = '/sys/fs/cgroup'

/** Kills what still runs in the pods' cgroups and removes them: containers outlive a containerd that was killed. */
export async function clearPodCgroups(): Promise<void> {
  const tops = podCgroups()
  for (let tries = 0; tries < 40; tries++) {
    const living = tops.flatMap(processesIn).filter((pid) => identify(pid))
    if (living.length === 0) break
    for (const pid of living) kill(pid)
    await sleep(50)
  }
  for (const top of tops) await remove(top)
}

/** `kubepods` of cgroup v2, or of every controller of v1. */
function podCgroups(): string[] {
  const hierarchies = existsSync(root) ? readdirSync(root).map((name) => join(root, name)) : []
  return [root, ...hierarchies].map((folder) => join(folder, 'kubepods')).filter((folder) => existsSync(folder))
}

function processesIn(folder: string): number[] {
  const own = lines(join(folder, 'cgroup.procs')).map(Number)
  return [...own, ...childrenOf(folder).flatMap(processesIn)]
}

async function remove(folder: string): Promise<void> {
  for (const child of childrenOf(folder)) await remove(child)
  // A cgroup stays busy until its last zombie is reaped, which takes the first process of a small machine 2 s.
  for (let tries = 0; tries < 60; tries++) {
    try {
      return rmdirSync(folder)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
      await sleep(100)
    }
  }
}

function childrenOf(folder: string): string[] {
  if (!existsSync(folder)) return []
  const entries = readdirSync(folder, { withFileTypes: true })
  return entries.filter((entry) => entry.isDirectory()).map((entry) => join(folder, entry.name))
}

function lines(path: string): string[] {
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter(Boolean) : []
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    return
  }
}
