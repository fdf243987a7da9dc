/** The local stack: everything that Refit works with, on this machine. Used by the demo, the tests and the benchmarks. */
export { up } from './up'
export { down, type DownOptions } from './down'
export { attach } from './handle'
export { status } from './status'
export { buildBinaries, toolNames, type ToolName } from './tools'
export { timeSkippingServer } from './test-server'
export { network, realNode, simulatedNodes } from './network'
export * from './types'
