import { namespaceFlag } from '../domain/temporal-names'
import type { ExitCode } from './exit-codes'
import type { HubOf } from './hub-of'
import type { Io } from './io'
import { load } from './lazy'
import { dataText, isData, nextText, type OutputFormat } from './output'
import type { Parts } from './parts'
import { withProgress } from './progress'
import { type Cell, createPaint, type Paint, table } from './render'

export interface GlobalOptions {
  config?: string
  hub?: string
  output: OutputFormat
  color: boolean
  kubeconfig?: string
  verbose?: boolean
}

/** What every command gets. */
export interface Context {
  io: Io
  /** stdout is data for programs, and nothing else */
  isData: boolean
  output: OutputFormat
  parts: Parts
  /** the environment with the global options and the profile of --hub in it */
  env: NodeJS.ProcessEnv
  configFile: string
  /** of --hub, as it is written */
  hubName: string | undefined
  /** the hub that the command is about; undefined where that can't be known */
  hub: HubOf
  paint: Paint
  /** a table as wide as the terminal */
  table(headers: string[], rows: Cell[][]): string
  /** data as JSON or YAML, or as the lines of a text; the one way to stdout */
  print(data: unknown, lines: () => string[]): void
  /** one of several documents, such as of something that is followed: JSON on one line, YAML after `---` */
  printNext(data: unknown, lines: () => string[]): void
  /**
   * With --verbose: on stderr, the command of the `temporal` CLI that does or shows the same; null where there is none.
   * A function gets the option for the hub's namespace.
   */
  equivalent(command: string | null | ((namespace: string) => string)): void
  /** waits, and says on stderr for what once that takes longer than two seconds */
  waitFor<T>(what: string, work: (say: (text: string) => void) => Promise<T>): Promise<T>
}

/** A command: what it prints is data, what it returns is the exit code (0 when it returns nothing). */
export type Command<Options> = (
  context: Context,
  args: (string | undefined)[],
  options: Options,
) => Promise<ExitCode | void>

/** --config, else $REFIT_CONFIG, else ./refit.yaml. */
export const configFileOf = (env: NodeJS.ProcessEnv, { config }: GlobalOptions): string =>
  config ?? (env.REFIT_CONFIG?.trim() || 'refit.yaml')

/** What main knows of a command line before its command runs. */
export interface Surroundings {
  io: Io
  globals: GlobalOptions
  env: NodeJS.ProcessEnv
  parts: Parts
  hub: HubOf
}

export function createContext({ io, globals, env, parts, hub }: Surroundings): Context {
  const { output, verbose = false } = globals
  // https://no-color.org
  const paint = createPaint(io.isColorful && globals.color && !isData(output) && !env.NO_COLOR)
  return {
    io,
    isData: isData(output),
    ...{ output, parts, env, configFile: configFileOf(env, globals), hubName: globals.hub, hub, paint },
    table: (headers, rows) => table(headers, rows, { width: io.width, paint }),
    print: (data, lines) => io.out(dataText(output, data) ?? `${lines().join('\n')}\n`),
    printNext: (data, lines) => io.out(nextText(output, data) ?? `${lines().join('\n')}\n`),
    equivalent(command) {
      if (!verbose) return
      const namespace = () => namespaceFlag(load.temporal().temporalSettings(env).namespace)
      const text = typeof command === 'function' ? command(namespace()) : command
      io.err(`${paint('dim', text === null ? 'the temporal CLI has no command for this' : `equivalent: ${text}`)}\n`)
    },
    waitFor: (what, work) => withProgress(io, what, work),
  }
}

/** Who acts: --by, else $REFIT_BY, else the user of this machine. Nothing verifies it. */
export const actor = ({ io, env }: Pick<Context, 'io' | 'env'>, by: string | undefined): string =>
  by ?? (env.REFIT_BY?.trim() || io.user())
