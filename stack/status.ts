import { existsSync } from 'node:fs'
import { createContext, type Context } from './context'
import { logFile } from './launch'
import { part, selectParts } from './parts'
import { stackDirectory } from './paths'
import { isAlive } from './process'
import { readState } from './state'
import type { PartName, PartStatus } from './types'

/** How each part of a stack is; an empty list if there is no such stack. */
export async function status(name = 'default'): Promise<PartStatus[]> {
  const stateDir = stackDirectory(name)
  const state = readState(stateDir)
  if (!state) return []
  const context = createContext(stateDir, state, () => undefined)
  return Promise.all(selectParts(state.node).map((entry) => partStatus(context, entry.name)))
}

/** Path of a part's log. @returns undefined if the part never ran */
export function findLog(name: string, partName: PartName): string | undefined {
  const stateDir = stackDirectory(name)
  const state = readState(stateDir)
  const path =
    state &&
    logFile(
      createContext(stateDir, state, () => undefined),
      partName,
    )
  return path && existsSync(path) ? path : undefined
}

async function partStatus(context: Context, name: PartName): Promise<PartStatus> {
  const record = context.state.processes[name]
  const log = logFile(context, name)
  if (!isAlive(record)) return { part: name, state: 'stopped', log }
  const entry = part(name)
  const running = { part: name, pid: record.pid, address: entry.address(context), log }
  return entry.healthy(context).then(
    (): PartStatus => ({ ...running, state: 'running' }),
    (error: Error): PartStatus => ({ ...running, state: 'unhealthy', reason: error.message }),
  )
}
