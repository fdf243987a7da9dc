import { CommanderError } from 'commander'
import { RefitError } from '../domain/errors'
import { explainMissingTables } from '../operations/missing-tables'
import { tracedCommand } from '../tracing'
import { configFileOf, createContext, environmentWith } from './context'
import { reportError } from './errors'
import { exitCodes, type ExitCode } from './exit-codes'
import type { Io } from './io'
import { openParts, type Parts } from './parts'
import { buildProgram } from './program'
import { version } from './version'

/**
 * Runs one command line and returns its exit code; never throws. `open` makes the parts that commands act through, so
 * that tests hand in theirs.
 */
export async function main(argv: string[], io: Io, open: typeof openParts = openParts): Promise<ExitCode> {
  let code: ExitCode = exitCodes.ok
  const program = buildProgram(io, version(), async (spec, args, options, globals) => {
    const env = environmentWith(io.env, globals)
    const parts: Parts = open({ env, configFile: configFileOf(env, globals) })
    try {
      const run = spec.load()
      const act = async () =>
        (await run(createContext(io, globals, env, parts), args, options as never)) ?? exitCodes.ok
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
    if (error instanceof CommanderError) return usage(io, error, asksForJson(argv))
    return reportError(io, explainMissingTables(error), asksForJson(argv))
  }
}

/** Commander's own errors; help and version are none. */
function usage(io: Io, error: CommanderError, json: boolean): ExitCode {
  if (error.exitCode === 0) return exitCodes.ok
  // A command without arguments has printed its help already.
  if (error.code === 'commander.help') return exitCodes.usage
  const [message = '', ...suggestions] = error.message.replace(/^error: /, '').split('\n')
  const suggestion = suggestions
    .join(' ')
    .trim()
    .replace(/^\(|\)$/g, '')
  const said = `${message.slice(0, 1).toUpperCase()}${message.slice(1)}${/[.?!]$/.test(message) ? '' : '.'}`
  return reportError(io, new RefitError('USAGE', said, suggestion || 'Add --help to see what the command takes.'), json)
}

/** Also for a command line that can't be parsed. */
function asksForJson(argv: string[]): boolean {
  return argv.some(
    (arg, i) =>
      arg === '-ojson' ||
      arg === '--output=json' ||
      (arg === 'json' && (argv[i - 1] === '-o' || argv[i - 1] === '--output')),
  )
}
