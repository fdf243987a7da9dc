import { execFileSync } from 'node:child_process'

const maxBuffer = 64 * 1024 * 1024

/** What git says in this folder, without the last line end. Throws with what it said on stderr. */
export function git(folder: string, ...args: string[]): string {
  try {
    return execFileSync('git', args, {
      cwd: folder,
      encoding: 'utf8',
      maxBuffer,
      stdio: ['ignore', 'pipe', 'pipe'],
    }).trimEnd()
  } catch (error) {
    const said = String((error as { stderr?: unknown }).stderr ?? error).trim()
    throw new Error(`git ${args[0]}: ${said.split('\n').at(-1)}`, { cause: error })
  }
}

/** The lines that git prints; none for an empty answer. */
export const gitLines = (folder: string, ...args: string[]): string[] =>
  git(folder, ...args)
    .split('\n')
    .filter((line) => line !== '')
