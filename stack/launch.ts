import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Context } from './context'
import { part } from './parts'
import type { Part } from './parts/part'
import { isAlive, startDetached, terminate } from './process'
import { elapsed } from './progress'
import { readState, writeState } from './state'
import { partNames, StackError, type PartName } from './types'

/** Path of a part's log. */
export function logFile(context: Context, name: PartName): string {
  return join(context.paths.logs, `${name}.log`)
}

/** Starts every part that isn't running, each as soon as those it needs are healthy. */
export async function startParts(context: Context, parts: readonly Part[]): Promise<void> {
  const started = new Map<PartName, Promise<void>>()
  const start = (entry: Part): Promise<void> => {
    const known = started.get(entry.name)
    if (known) return known
    const promise = Promise.all(entry.needs.map((name) => start(part(name)))).then(() => ensure(context, entry))
    started.set(entry.name, promise)
    return promise
  }
  const results = await Promise.allSettled(parts.map(start))
  const failure = results.find((result) => result.status === 'rejected')
  if (failure) throw failure.reason
}

/** Stops parts, each after everything that needs it. */
export async function stopParts(context: Context): Promise<void> {
  const stopped = new Map<PartName, Promise<void>>()
  const stop = (name: PartName): Promise<void> => {
    const known = stopped.get(name)
    if (known) return known
    const dependents = partNames.filter((other) => part(other).needs.includes(name))
    const promise = Promise.all(dependents.map(stop)).then(async () => {
      const record = context.state.processes[name]
      if (!record) return
      const { signal, grace } = part(name).stop
      await terminate(record, signal, grace)
      forget(context, name)
    })
    stopped.set(name, promise)
    return promise
  }
  await Promise.all(partNames.map(stop))
}

/** Ends one part and forgets it. */
export async function stopPart(context: Context, name: PartName, signal: NodeJS.Signals): Promise<void> {
  const record = context.state.processes[name]
  if (!record) return
  await terminate(record, signal, part(name).stop.grace)
  forget(context, name)
}

function forget(context: Context, name: PartName): void {
  delete context.state.processes[name]
  if (readState(context.stateDir)) writeState(context.stateDir, context.state)
}

async function ensure(context: Context, entry: Part): Promise<void> {
  const record = context.state.processes[entry.name]
  if (isAlive(record)) {
    const problem = await waitHealthy(context, entry, 10)
    if (!problem) return
    context.progress(`${entry.name} runs but isn't healthy (${problem}): starting it again`)
    await terminate(record, entry.stop.signal, entry.stop.grace)
  } else if (record) {
    context.progress(`${entry.name} had died: starting it again`)
  }
  const start = Date.now()
  await entry.prepare?.(context)
  let problem = await startOnce(context, entry)
  // PostgreSQL refuses to start while a child of a killed one is still ending.
  for (let tries = 1; problem === ended && tries < 3; tries++) {
    await sleep(500)
    problem = await startOnce(context, entry)
  }
  if (problem) throw new StackError(`${entry.name} did not get healthy: ${problem}\n${logTail(context, entry.name)}`)
  context.progress(`${entry.name} is healthy at ${entry.address(context)} after ${elapsed(start)}`)
}

async function startOnce(context: Context, entry: Part): Promise<string | undefined> {
  const process = await startDetached(entry.command(context), context.stateDir, logFile(context, entry.name))
  context.state.processes[entry.name] = process
  writeState(context.stateDir, context.state)
  return waitHealthy(context, entry, entry.patience)
}

const ended = 'its process ended'

/** Waits until a part is healthy. @returns the last problem when `patience` (seconds) is over or the process is gone */
async function waitHealthy(context: Context, entry: Part, patience: number): Promise<string | undefined> {
  const deadline = Date.now() + patience * 1000
  for (;;) {
    const alive = isAlive(context.state.processes[entry.name])
    const problem = await entry.healthy(context).then(
      () => undefined,
      (error: Error) => error.message || String(error),
    )
    if (!problem && alive) return undefined
    if (!alive) return ended
    if (Date.now() > deadline) return problem
    await sleep(50)
  }
}

function logTail(context: Context, name: PartName): string {
  const path = logFile(context, name)
  if (!existsSync(path)) return ''
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n')
  return [`The end of ${path}:`, ...lines.slice(-12)].join('\n')
}
