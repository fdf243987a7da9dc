import { parse, stringify } from 'yaml'
import { RefitError, sentenceOf } from '../domain/errors'
import type { Strategy } from '../domain/policy'
import { parseConfig } from './load'

/** A strategy written as in refit.yaml: a word, or an object. USAGE with all that is wrong with it. */
export function parseStrategy(text: string): Strategy {
  try {
    const select = { namespaces: ['any'], images: ['any'] }
    const hub = { name: 'any', environment: 'any' }
    const tree = { hub, policies: [{ name: 'any', select, strategy: parse(text) as unknown }] }
    const { policies } = parseConfig({ name: '--strategy', env: {}, text: stringify(tree) })
    return policies[0]?.strategy ?? 'bugfix'
  } catch (error) {
    throw new RefitError(
      'USAGE',
      `The strategy ${text} can't be used: ${problemOf(error)}`,
      'Write patch, bugfix, minor, major, digest, or an object such as { range: "^17" }.',
    )
  }
}

/** Places in a file that nobody wrote say nothing. */
const problemOf = (error: unknown): string =>
  (/policies\[0\]\.strategy\S*( .+)/.exec(sentenceOf(error))?.[1] ?? sentenceOf(error).split('\n')[0] ?? '').trim()
