import { KubeApi } from './http'
import { network } from './network'
import { layout } from './paths'
import type { StackState } from './state'
import { toolPath, type ToolName } from './tools'
import type { Progress } from './types'

/** What a part's table entry gets to see of its stack. */
export interface Context {
  state: StackState
  stateDir: string
  paths: ReturnType<typeof layout>
  api: KubeApi
  progress: Progress
  bin: (tool: ToolName) => string
}

/** The context of a stack, from its state. */
export function createContext(stateDir: string, state: StackState, progress: Progress): Context {
  const paths = layout(stateDir)
  return { state, stateDir, paths, api: new KubeApi(apiServer(state), paths.pki), progress, bin: toolPath }
}

/** URL of the API server: with a real node its address, since pods have to reach it. */
export function apiServer(state: StackState): string {
  const host = state.node === 'real' ? network.nodeAddress : '127.0.0.1'
  return `https://${host}:${state.ports.apiserver}`
}
