import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { layout, stackDirectory, stateRoot } from './paths'
import type { MachineRecord } from './node/machine'
import type { PortName } from './ports'
import type { ProcessRecord } from './process'
import type { NodeMode, PartName } from './types'

/** What a launcher has to know about a stack it didn't start: the content of stack.json. */
export interface StackState {
  name: string
  node: NodeMode
  owner: string
  ports: Record<PortName, number>
  /** PostgreSQL's password. */
  password: string
  processes: Partial<Record<PartName, ProcessRecord>>
  /** How the machine was before a real node changed it; present until the changes are undone. */
  machine?: MachineRecord
}

/** Reads a stack's state; undefined if there is no such stack. */
export function readState(stateDir: string): StackState | undefined {
  const path = layout(stateDir).state
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as StackState) : undefined
}

/** Writes the state in one step, so that a reader, or a kill, never finds half of it. */
export function writeState(stateDir: string, state: StackState): void {
  mkdirSync(stateDir, { recursive: true, mode: 0o755 })
  const path = layout(stateDir).state
  const unfinished = `${path}.${process.pid}`
  writeFileSync(unfinished, JSON.stringify(state, null, 2), { mode: 0o600 })
  renameSync(unfinished, path)
}

/** The states of all stacks of this user. */
export function allStates(): StackState[] {
  if (!existsSync(stateRoot())) return []
  return readdirSync(stateRoot())
    .map((name) => readState(join(stateRoot(), name)))
    .filter((state) => state !== undefined)
}

/** The lock that all launchers of one stack share. */
export function stackLock(name: string): string {
  return `${stackDirectory(name)}.lock`
}
