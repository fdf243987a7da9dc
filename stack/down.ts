import { existsSync, rmSync } from 'node:fs'
import { createContext, type Context } from './context'
import { stopParts } from './launch'
import { withLock } from './lock'
import { clearPodCgroups } from './node/cgroups'
import { bootId, restoreMachine } from './node/machine'
import { releaseNode } from './node/node-lock'
import { stackDirectory } from './paths'
import { killMarked } from './process'
import { timed } from './progress'
import { readState, stackLock, writeState } from './state'
import type { Progress } from './types'

export interface DownOptions {
  /** Remove the state folder as well: data, keys, logs. */
  purge?: boolean
  progress?: Progress
}

/** Stops a stack and undoes its changes to the machine; also what a killed launcher left. Binaries stay in the cache. */
export async function down(name = 'default', options: DownOptions = {}): Promise<void> {
  const stateDir = stackDirectory(name)
  const progress = timed(options.progress)
  const onWait = (holder: string) => progress(`waiting for ${holder}`)
  await withLock(stackLock(name), `down ${name}`, { timeout: 60_000, onWait }, async () => {
    const state = readState(stateDir)
    if (!existsSync(stateDir)) return progress(`there is no stack "${name}"`)
    if (state) {
      const context = createContext(stateDir, state, progress)
      await stopParts(context)
      await sweep(stateDir, progress)
      await undo(context)
    } else {
      await sweep(stateDir, progress)
    }
    if (options.purge) rmSync(stateDir, { recursive: true, force: true })
    const kept = existsSync(stateDir) ? `; data and logs stay in ${stateDir} (down --purge removes them)` : ''
    progress(`stack "${name}" is down${kept}`)
  })
}

async function sweep(stateDir: string, progress: Progress): Promise<void> {
  const killed = await killMarked(stateDir)
  if (killed > 0) progress(`ended ${killed} more processes: shims of pods, or what a killed launcher did not record`)
}

async function undo(context: Context): Promise<void> {
  const { state, stateDir } = context
  if (state.machine?.boot === bootId()) {
    await clearPodCgroups()
    await restoreMachine(context, state.machine)
    context.progress('the machine is as it was')
  }
  delete state.machine
  writeState(stateDir, state)
  releaseNode(stateDir)
}
