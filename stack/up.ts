import { randomBytes } from 'node:crypto'
import { chmodSync, mkdirSync } from 'node:fs'
import { userInfo } from 'node:os'
import { askConsent, plannedChanges, refuseInstall } from './consent'
import { createContext } from './context'
import { attachTo } from './handle'
import { startParts } from './launch'
import { withLock } from './lock'
import { bootId, changeMachine, recordMachine } from './node/machine'
import { releaseNode, takeNode } from './node/node-lock'
import { installPackages } from './node/packages'
import { nodeParts, selectParts } from './parts'
import { isLinuxRoot, layout, stackDirectory } from './paths'
import { choosePorts, isFree } from './ports'
import { isAlive } from './process'
import { timed } from './progress'
import { readState, stackLock, writeState, type StackState } from './state'
import { buildBinaries } from './tools'
import { StackError, type NodeMode, type Progress, type Stack, type StackOptions } from './types'

/**
 * Brings a stack up and waits until it is healthy. What runs already is left alone; what died is started again.
 *
 * @throws StackError with the reason and the next step
 */
export async function up(options: StackOptions = {}): Promise<Stack> {
  const name = options.name ?? 'default'
  const stateDir = stackDirectory(name)
  const progress = timed(options.progress)
  const onWait = (holder: string) => progress(`waiting for ${holder}`)
  return withLock(stackLock(name), `up ${name}`, { timeout: 30 * 60_000, onWait }, async () => {
    const before = readState(stateDir)
    const node = chooseNode(options, before, progress)
    const wanted = { name, node, owner: options.owner ?? before?.owner ?? userInfo().username }
    if (node === 'real') await takeNode(name, stateDir, wanted.owner)
    try {
      return await bringUp(stateDir, wanted, before, options, progress)
    } catch (error) {
      if (node === 'real' && !readState(stateDir)?.machine) releaseNode(stateDir)
      throw error
    }
  })
}

type Wanted = Pick<StackState, 'name' | 'node' | 'owner'>

async function bringUp(
  stateDir: string,
  wanted: Wanted,
  before: StackState | undefined,
  options: StackOptions,
  progress: Progress,
): Promise<Stack> {
  const parts = selectParts(wanted.node, options.parts)
  const tools = [...new Set(parts.flatMap((part) => part.tools))]
  const changes = plannedChanges(wanted.node, tools, before?.machine?.boot === bootId())
  if (options.noInstall) refuseInstall(changes)
  await askConsent(changes, options.yes ?? false, progress)

  const state = await openState(stateDir, wanted, before)
  if (changes.packages.length > 0) await installPackages(changes.packages, progress)
  await buildBinaries(tools, progress)
  if (state.node === 'real') await prepareMachine(stateDir, state)
  const context = createContext(stateDir, state, progress)
  await startParts(context, parts)
  const nodes = state.node === 'real' ? 'a real node' : 'simulated nodes'
  progress(`stack "${state.name}" is up with ${nodes}; its state is in ${stateDir}`)
  return attachTo(context)
}

/** Notes how the machine is before the first change, so that `down` can undo it whatever happens in between. */
async function prepareMachine(stateDir: string, state: StackState): Promise<void> {
  if (state.machine?.boot !== bootId()) {
    state.machine = await recordMachine()
    writeState(stateDir, state)
  }
  await changeMachine()
}

function chooseNode(options: StackOptions, before: StackState | undefined, progress: Progress): NodeMode {
  const running = before && Object.values(before.processes).some((record) => isAlive(record))
  const asked = options.node ?? 'auto'
  const ofNode = options.parts?.filter((part) => nodeParts.includes(part)) ?? []
  if (asked === 'simulated' && ofNode.length > 0) throw new StackError(`Only a real node has ${ofNode.join(', ')}`)
  if (running) {
    if (asked === 'auto' || asked === before.node) return before.node
    throw new StackError(
      `Stack "${before.name}" runs with a ${before.node} node: \`npm run stack -- down ${before.name}\` first`,
    )
  }
  if (asked === 'real' && !isLinuxRoot()) throw new StackError('A real node needs root on Linux. Use --simulated')
  if (asked !== 'auto') return asked
  const wanted = !options.parts || ofNode.length > 0
  if (wanted && isLinuxRoot()) return 'real'
  if (wanted) {
    progress('Not root on Linux: the nodes are simulated (KWOK). Pods become Ready or fail, rollouts and scaling work,')
    progress('but no process runs in a pod: it answers no request, and there are no logs and no service addresses.')
  }
  return 'simulated'
}

/** Reads or makes the state, and picks new ports if a stopped stack's were taken by others. */
async function openState(stateDir: string, wanted: Wanted, before: StackState | undefined): Promise<StackState> {
  const state = {
    ports: {},
    password: randomBytes(18).toString('base64url'),
    processes: {},
    ...before,
    ...wanted,
  } as StackState
  const running = Object.values(state.processes).some((record) => isAlive(record))
  const usable = before !== undefined && (running || (await allFree(Object.values(state.ports))))
  const { config, data } = layout(stateDir)
  for (const folder of [stateDir, config, data]) {
    mkdirSync(folder, { recursive: true })
    // PostgreSQL's unprivileged user has to pass through; keys and data have folders of their own rights.
    chmodSync(folder, 0o755)
  }
  if (usable) writeState(stateDir, state)
  else
    await choosePorts(wanted.name, (ports) => {
      state.ports = ports
      writeState(stateDir, state)
    })
  return state
}

async function allFree(ports: number[]): Promise<boolean> {
  const free = await Promise.all(ports.map(isFree))
  return free.every(Boolean)
}
