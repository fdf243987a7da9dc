import type { ExitCode } from './exit-codes'
import type { Io } from './io'
import type { Parts } from './parts'
import { withProgress } from './progress'
import { type Cell, createPaint, type Paint, table } from './render'

/** Every command has the first two; which has more, the command table says. */
export type OutputFormat = 'text' | 'json' | 'sarif' | 'junit'

export interface GlobalOptions {
  config?: string
  output: OutputFormat
  color: boolean
  kubeconfig?: string
}

/** What every command gets. */
export interface Context {
  io: Io
  json: boolean
  output: OutputFormat
  parts: Parts
  /** the environment with the global options in it */
  env: NodeJS.ProcessEnv
  configFile: string
  paint: Paint
  /** a table as wide as the terminal */
  table(headers: string[], rows: Cell[][]): string
  /** data as JSON, or as the lines of a text; the one way to stdout */
  print(data: unknown, lines: () => string[]): void
  /** waits, and says on stderr for what once that takes longer than two seconds */
  waitFor<T>(what: string, work: (say: (text: string) => void) => Promise<T>): Promise<T>
}

/** A command: what it prints is data, what it returns is the exit code (0 when it returns nothing). */
export type Command<Options> = (
  context: Context,
  args: (string | undefined)[],
  options: Options,
) => Promise<ExitCode | void>

/** The environment as the global options change it. */
export const environmentWith = (env: NodeJS.ProcessEnv, { kubeconfig }: GlobalOptions): NodeJS.ProcessEnv =>
  kubeconfig === undefined ? env : { ...env, REFIT_KUBECONFIG: kubeconfig }

/** --config, else $REFIT_CONFIG, else ./refit.yaml. */
export const configFileOf = (env: NodeJS.ProcessEnv, { config }: GlobalOptions): string =>
  config ?? (env.REFIT_CONFIG?.trim() || 'refit.yaml')

export function createContext(io: Io, globals: GlobalOptions, env: NodeJS.ProcessEnv, parts: Parts): Context {
  const json = globals.output === 'json'
  // https://no-color.org
  const paint = createPaint(io.isColorful && globals.color && !json && !env.NO_COLOR)
  return {
    io,
    json,
    output: globals.output,
    parts,
    env,
    configFile: configFileOf(env, globals),
    paint,
    table: (headers, rows) => table(headers, rows, { width: io.width, paint }),
    print: (data, lines) => io.out(json ? `${JSON.stringify(data, null, 2)}\n` : `${lines().join('\n')}\n`),
    waitFor: (what, work) => withProgress(io, what, work),
  }
}

/** Who acts: --by, else $REFIT_BY, else the user of this machine. Nothing verifies it. */
export const actor = ({ io, env }: Pick<Context, 'io' | 'env'>, by: string | undefined): string =>
  by ?? (env.REFIT_BY?.trim() || io.user())
