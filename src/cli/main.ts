import { CommanderError } from 'commander'
import { RefitError } from '../domain/errors'
import { explainMissingTables } from '../operations/missing-tables'
import { tracedCommand } from '../tracing'
import { takeCare } from './care'
import type { CommandSpec } from './command-spec'
import { configFileOf, createContext, type GlobalOptions } from './context'
import { reportError } from './errors'
import { exitCodes, type ExitCode } from './exit-codes'
import { hubOf } from './hub-of'
import { environmentOfHub } from './hub-environment'
import type { Io } from './io'
import { load } from './lazy'
import { outputIn } from './output'
import { openParts, type Parts } from './parts'
import { buildProgram } from './program'
import { synonymFor } from './synonyms'
import { version } from './version'

/**
 * Runs one command line and returns its exit code; never throws. `open` makes the parts that commands act through, so
 * that tests hand in theirs.
 */
export async function main(argv: string[], io: Io, open: typeof openParts = openParts): Promise<ExitCode> {
  let code: ExitCode = exitCodes.ok
  const program = buildProgram(io, version(), async (spec, args, options, globals) => {
    const env = environmentOf(io.env, globals, spec)
    const parts: Parts = open({ env, configFile: configFileOf(env, globals) })
    try {
      const hub = hubOf({ parts, env }, spec, options)
      const context = createContext({ io, globals, env, parts, hub })
      const act = async (): Promise<ExitCode> => {
        if (await takeCare(context, spec, args, options)) return runOf(spec)(context, args, options as never)
        io.err('nothing was changed\n')
        return exitCodes.refused
      }
      // Worker and server trace what they do themselves.
      const isLasting = spec.name === 'worker' || spec.name === 'server'
      code = isLasting ? await act() : await tracedCommand(env, { name: spec.name, version: version() }, act)
    } finally {
      await parts.close()
    }
  })
  try {
    await program.parseAsync(argv, { from: 'user' })
    return code
  } catch (error) {
    if (error instanceof CommanderError) return usage(io, error, outputIn(argv))
    return reportError(io, explainMissingTables(error), outputIn(argv))
  }
}

const runOf =
  (spec: CommandSpec) =>
  async (...given: Parameters<ReturnType<CommandSpec['load']>>): Promise<ExitCode> =>
    (await spec.load()(...given)) ?? exitCodes.ok

/** The environment as the global options change it: the hub's profile, and above it what is named by itself. */
function environmentOf(env: NodeJS.ProcessEnv, globals: GlobalOptions, { namesHub }: CommandSpec): NodeJS.ProcessEnv {
  const { hub = env.REFIT_HUB?.trim() || undefined, kubeconfig, config } = globals
  const profile = hub === undefined ? undefined : load.hubProfiles().profileOf(env, hub, { isNew: namesHub })
  return {
    ...(profile ? environmentOfHub(env, profile) : env),
    ...(kubeconfig === undefined ? {} : { REFIT_KUBECONFIG: kubeconfig }),
    ...(config === undefined ? {} : { REFIT_CONFIG: config }),
  }
}

/** Commander's own errors; help and version are none. */
function usage(io: Io, error: CommanderError, output: string): ExitCode {
  if (error.exitCode === 0) return exitCodes.ok
  // A command without arguments has printed its help already.
  if (error.code === 'commander.help') return exitCodes.usage
  const [message = '', ...suggestions] = error.message.replace(/^error: /, '').split('\n')
  const suggestion = suggestions
    .join(' ')
    .trim()
    .replace(/^\(|\)$/g, '')
  const said = `${message.slice(0, 1).toUpperCase()}${message.slice(1)}${/[.?!]$/.test(message) ? '' : '.'}`
  const next = synonymFor(message) ?? (suggestion || 'Add --help to see what the command takes.')
  return reportError(io, new RefitError('USAGE', said, next), output)
}
