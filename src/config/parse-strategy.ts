import { parse } from 'yaml'
import { RefitError } from '../domain/errors'
import type { Strategy } from '../domain/policy'
import { expandReferences } from './references'
import { filterProblems, strategy, strategyProblems } from './strategy'

/** A strategy written as in refit.yaml: a word, or an object. USAGE with all that is wrong with it. */
export function parseStrategy(text: string): Strategy {
  const { tree, problems: unresolved } = expandReferences(yamlOf(text), {})
  if (tree === 'release') throw new RefitError('USAGE', 'Strategy release needs a hub.', 'Try the other strategies.')
  const parsed = strategy.safeParse(tree)
  const problems = [...unresolved, ...(parsed.success ? [] : strategyProblems(tree)), ...filterProblems(tree)]
  if (parsed.success && problems.length === 0) return parsed.data
  throw unusable(text, problems.map(({ path, message }) => `${path.join('.') || 'it'} ${message}`).join('; '))
}

function yamlOf(text: string): unknown {
  try {
    return parse(text, { prettyErrors: false, logLevel: 'error' }) as unknown
  } catch (error) {
    throw unusable(text, error instanceof Error ? error.message : String(error))
  }
}

const unusable = (text: string, why: string): RefitError =>
  new RefitError(
    'USAGE',
    `The strategy ${text} can't be used: ${why}`,
    'Write patch, bugfix, minor, major, digest, or an object such as { range: "^17" }.',
  )
