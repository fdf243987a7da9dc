import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { findMarked, isAlive, self, type ProcessRecord } from '../process'
import { withLock } from '../lock'
import { readState } from '../state'
import { StackError } from '../types'

/** Two kube-proxies rewrite the same chains, and kubelet and the shims have fixed paths: one real node per machine. */
const path = '/run/lock/refit-node.lock'

export interface NodeHolder {
  stack: string
  stateDir: string
  owner: string
  since: string
  launcher: ProcessRecord
}

/** Takes the machine's real node for a stack. @throws StackError that says who has it */
export async function takeNode(stack: string, stateDir: string, owner: string): Promise<void> {
  await withLock(`${path}.guard`, 'another launcher', { timeout: 10_000 }, () => {
    const holder = readHolder()
    if (holder && holder.stateDir !== stateDir && isHeld(holder)) throw new StackError(held(holder))
    const since = holder?.stateDir === stateDir ? holder.since : new Date().toISOString()
    const content: NodeHolder = { stack, stateDir, owner, since, launcher: self() }
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, JSON.stringify(content, null, 2))
    return Promise.resolve()
  })
}

/** Gives the real node back, if this stack has it. */
export function releaseNode(stateDir: string): void {
  if (readHolder()?.stateDir === stateDir) rmSync(path, { force: true })
}

/** The machine's changes count as well: without them being undone, the next node would take them for how it was. */
function isHeld(holder: NodeHolder): boolean {
  return (
    isAlive(holder.launcher) ||
    readState(holder.stateDir)?.machine !== undefined ||
    findMarked(holder.stateDir).length > 0
  )
}

function readHolder(): NodeHolder | undefined {
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as NodeHolder) : undefined
}

function held({ stack, owner, since, stateDir }: NodeHolder): string {
  return [
    `The real node of this machine belongs to the stack "${stack}" (${owner}, since ${since}, ${stateDir}).`,
    `Stop it with \`npm run stack -- down ${stack}\`, or start this one with --simulated.`,
  ].join('\n')
}
