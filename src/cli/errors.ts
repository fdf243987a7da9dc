import { RefitError } from '../domain/errors'
import { exitCodeOf, type ExitCode } from './exit-codes'
import type { Io } from './io'
import { dataText } from './output'
import { safeLines } from './render'

/** What `-o json` and `-o yaml` print to stdout for every failure. */
export interface ErrorOutput {
  error: {
    /** an ErrorCode of src/domain/errors.ts */
    code: string
    /** what failed and why */
    message: string
    /** what to do */
    next: string
  }
}

/** Any thrown value as the stable error shape. Lines are kept, control characters are not. */
export function errorOutput(error: unknown): ErrorOutput {
  const known = error instanceof RefitError
  const message = error instanceof Error ? error.message : String(error)
  const next = known ? error.next : 'This was not foreseen. Set REFIT_DEBUG=1 to see where it happened.'
  return {
    error: {
      code: known ? error.code : 'INTERNAL',
      message: safeLines(message),
      next: safeLines(next),
    },
  }
}

/** Tells the caller what failed, why and what to do; returns the exit code. */
export function reportError(io: Io, error: unknown, output: string): ExitCode {
  const said = errorOutput(error)
  const data = dataText(output, said)
  if (data !== undefined) io.out(data)
  else io.err(`error: ${said.error.message}\nnext:  ${said.error.next}\n`)
  if (io.env.REFIT_DEBUG && error instanceof Error) io.err(`${error.stack ?? ''}\n`)
  return exitCodeOf(error)
}
