import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { doctor, type DoctorReport } from '../../operations/doctor'
import type { Command, Context } from '../context'
import { exitCodes } from '../exit-codes'
import { load } from '../lazy'
import { safe, safeLines } from '../render'

const tones = { ok: 'good', warn: 'warn', fail: 'bad' } as const
/** Run by tsx or a test, not from a build. */
const isFromSources = __filename.endsWith('.ts')

/** All checks, each with what to do; exit 1 when one fails. */
export const run: Command<{ dev?: boolean }> = async (context, _args, { dev = isFromSources }) => {
  const report = await context.waitFor('every part to answer', () =>
    doctor({
      ...context.parts,
      environment: context.env,
      configHash: () => load.configHash().configHash(context.configFile),
      ...(dev ? { runTool } : {}),
    }),
  )
  context.print(report, () => {
    const width = Math.max(...report.checks.map(({ name }) => name.length))
    const lines = report.checks.flatMap(({ name, state, message, next }) => [
      `${context.paint(tones[state], state.padEnd(4))}  ${safe(name).padEnd(width)}  ${safeLines(message).replaceAll('\n', '\n      ')}`,
      ...(next ? [`      ${' '.repeat(width)}  next: ${safe(next)}`] : []),
    ])
    return [...lines, '', summary(context, report)]
  })
  return report.healthy ? exitCodes.ok : exitCodes.failed
}

/** What to do first: the rest may hang on it. */
function summary({ paint }: Context, { checks }: DoctorReport): string {
  const failing = checks.filter(({ state }) => state === 'fail')
  const warnings = checks.filter(({ state }) => state === 'warn').length
  const warned = warnings === 0 ? '' : `, ${warnings} ${warnings === 1 ? 'warning' : 'warnings'}`
  if (failing.length === 0) return paint('good', `nothing is missing${warned}`)
  return paint('bad', `${failing.length} to mend${warned}; first ${failing[0]?.name}`)
}

/** Java says its version on stderr. */
async function runTool(command: string, args: string[]): Promise<string> {
  const { stdout, stderr } = await promisify(execFile)(command, args, { timeout: 15_000 })
  return stdout || stderr
}
