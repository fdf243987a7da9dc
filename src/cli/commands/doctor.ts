import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { doctor } from '../../operations/doctor'
import type { Command } from '../context'
import { exitCodes } from '../exit-codes'
import { load } from '../lazy'
import { safeLines } from '../render'

const tones = { ok: 'good', warn: 'warn', fail: 'bad' } as const
/** Run by tsx or a test, not from a build. */
const isFromSources = __filename.endsWith('.ts')

/** All checks, each with what to do; exit 1 when one fails. */
export const run: Command<{ dev?: boolean }> = async (context, _args, { dev = isFromSources }) => {
  const report = await context.waitFor('every part to answer', () =>
    doctor({
      ...context.parts,
      configHash: () => load.configHash().configHash(context.configFile),
      ...(dev ? { runTool } : {}),
    }),
  )
  context.print(report, () => {
    const width = Math.max(...report.checks.map(({ name }) => name.length))
    return report.checks.flatMap(({ name, state, message, next }) => [
      `${context.paint(tones[state], state.padEnd(4))}  ${name.padEnd(width)}  ${safeLines(message).replaceAll('\n', '\n      ')}`,
      ...(next ? [`      ${' '.repeat(width)}  next: ${next}`] : []),
    ])
  })
  return report.healthy ? exitCodes.ok : exitCodes.failed
}

/** Java says its version on stderr. */
async function runTool(command: string, args: string[]): Promise<string> {
  const { stdout, stderr } = await promisify(execFile)(command, args, { timeout: 15_000 })
  return stdout || stderr
}
