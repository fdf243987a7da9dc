import { readFileSync } from 'node:fs'
import { RefitError } from '../domain/errors'

/** Longer than any token; what isn't one is refused later. */
const longest = 1_000

/**
 * The token of whoever acts: of --token-file, else $REFIT_TOKEN, else the file of the hub's profile; undefined without all.
 * Never an argument, which every user of the machine could read.
 */
export function readToken(env: NodeJS.ProcessEnv, named: string | undefined): string | undefined {
  const file = named ?? (env.REFIT_TOKEN?.trim() ? undefined : env.REFIT_TOKEN_FILE?.trim() || undefined)
  if (file === undefined) return env.REFIT_TOKEN?.trim() || undefined
  const token = read(file).slice(0, longest).trim()
  if (!token) throw new RefitError('USAGE', `${file} holds no token.`, 'Write the token into it, alone.')
  return token
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unreadable'
    throw new RefitError(
      'USAGE',
      `The token file ${file} can't be read (${code}).`,
      'Check --token-file, or tokenFile of the hub.',
    )
  }
}
