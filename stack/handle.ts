import { escapeIdentifier } from 'pg'
import { apiServer, createContext, type Context } from './context'
import { startParts, stopPart } from './launch'
import { withLock } from './lock'
import { network } from './network'
import { part } from './parts'
import { postgresUrl, postgresUser, withClient } from './parts/postgres'
import { stackDirectory } from './paths'
import { isAlive } from './process'
import { readState, stackLock } from './state'
import { toolPath } from './tools'
import { StackError, type PartName, type Progress, type Stack } from './types'

/** A handle on a stack that runs, from its state file. @throws StackError if there is none */
export function attach(name = 'default', progress: Progress = () => undefined): Promise<Stack> {
  const stateDir = stackDirectory(name)
  const state = readState(stateDir)
  if (!state || !Object.values(state.processes).some((record) => isAlive(record))) {
    return Promise.reject(new StackError(`No stack "${name}" runs: start it with \`npm run stack -- up ${name}\``))
  }
  return Promise.resolve(attachTo(createContext(stateDir, state, progress)))
}

/** The handle for a stack whose context is at hand. */
export function attachTo(context: Context): Stack {
  const { state, stateDir, paths } = context
  const { ports } = state
  return {
    name: state.name,
    stateDir,
    node: state.node,
    temporal: {
      address: `127.0.0.1:${ports.temporal}`,
      webUi: `http://127.0.0.1:${ports.temporalUi}`,
      namespace: 'default',
    },
    postgres: {
      host: '127.0.0.1',
      port: ports.postgres,
      user: postgresUser,
      password: state.password,
      url: (database) => postgresUrl(context, '127.0.0.1', database),
      podUrl: (database) => postgresUrl(context, state.node === 'real' ? network.nodeAddress : '127.0.0.1', database),
      createDatabase: (database) => createDatabase(context, database),
    },
    registry: { host: `127.0.0.1:${ports.registry}` },
    kubernetes: {
      kubeconfig: paths.kubeconfig,
      server: apiServer(state),
      auditLog: paths.auditLog,
    },
    bin: { temporal: toolPath('temporal'), kubectl: toolPath('kubectl'), crane: toolPath('crane') },
    stop: (name, signal = 'SIGKILL') => change(context, `stop ${name}`, (fresh) => stopPart(fresh, name, signal)),
    start: (name: PartName) => change(context, `start ${name}`, (fresh) => startParts(fresh, [part(name)])),
  }
}

/** Another launcher may have started or stopped parts since: act on the state as it is now. */
function change(context: Context, purpose: string, act: (fresh: Context) => Promise<void>): Promise<void> {
  const { name } = context.state
  return withLock(stackLock(name), purpose, { timeout: 120_000 }, async () => {
    const state = readState(context.stateDir)
    if (!state) throw new StackError(`Stack "${name}" is gone`)
    await act(createContext(context.stateDir, state, context.progress))
  })
}

async function createDatabase(context: Context, database: string): Promise<void> {
  await withClient(context, 'postgres', async (client) => {
    try {
      await client.query(`CREATE DATABASE ${escapeIdentifier(database)}`)
    } catch (error) {
      // duplicate_database, or the unique_violation that two at once get
      if (!['42P04', '23505'].includes((error as { code?: string }).code ?? '')) throw error
    }
  })
}
