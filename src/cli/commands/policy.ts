import { readFile } from 'node:fs/promises'
import { RefitError } from '../../domain/errors'
import { tryPolicy } from '../../operations/try-policy'
import type { Command } from '../context'
import { tagTable } from '../render'

interface Options {
  image?: string
  current: string
  strategy: string
  prerelease: string
  hotfixes?: boolean
  tags?: string
  all?: boolean
}

const tagsShown = 30

/** Runs the rules over a list, without cluster, store and Temporal. */
export const run: Command<Options> = async (context, _args, { tags: file, hotfixes = false, all = false, ...rest }) => {
  const saved = file === undefined ? undefined : await textOf(file)
  const tried = await context.waitFor('the registry', () =>
    tryPolicy(() => context.parts.registry(), { ...rest, hotfixes, ...(saved === undefined ? {} : { saved }) }),
  )
  context.print(tried, () => [
    `${tried.strategy} from ${tried.current}: ${tried.chosen ?? 'nothing newer is allowed'}`,
    ...tagTable(context, tried.tags, { most: all ? Infinity : tagsShown, option: '--all' }),
  ])
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file === '-' ? '/dev/stdin' : file, 'utf8')
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error)
    throw new RefitError('USAGE', `${file} can't be read (${code}).`, 'Name a file with tags, or - for stdin.')
  }
}
