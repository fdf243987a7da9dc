import { allTags } from '../clients/all-tags'
import type { Registry } from '../clients/contracts'
import { parseStrategy } from '../config'
import type { TagExplanation } from '../domain/decision'
import { repositoryPath } from '../domain/image'
import { RefitError } from '../domain/errors'
import { explainTags } from '../domain/tag-policy'
import { strategyWords } from '../domain/version-rules'

/** What `refit policy try -o json` prints. */
export interface TriedPolicy {
  image: string | null
  current: string
  strategy: string
  /** null: nothing newer is allowed */
  chosen: string | null
  tags: TagExplanation[]
}

export interface Trial {
  image?: string
  current: string
  /** as in refit.yaml: a word, or an object in YAML */
  strategy: string
  prerelease: string
  hotfixes: boolean
  /** the text of a saved list; the live one when absent */
  saved?: string
}

/** What the rules choose from a list. USAGE when list or strategy can't be read; REGISTRY_* when the live list can't. */
export async function tryPolicy(registry: () => Promise<Registry>, trial: Trial): Promise<TriedPolicy> {
  const { image, current, prerelease, hotfixes, saved } = trial
  const strategy = parseStrategy(trial.strategy)
  const tags = saved === undefined ? await liveTags(registry, image) : savedTags(saved)
  const { chosen, explanations } = explainTags({
    ...{ current, tags, strategy, prerelease },
    hotfixes: hotfixes ? 'accept' : 'ignore',
  })
  return {
    image: image ?? null,
    current,
    strategy: strategyWords(strategy),
    chosen: chosen ?? null,
    tags: explanations,
  }
}

async function liveTags(registry: () => Promise<Registry>, image: string | undefined): Promise<string[]> {
  if (image === undefined)
    throw new RefitError('USAGE', 'There is no list to try the policy on.', 'Name an --image, or a file with --tags.')
  try {
    return (await allTags(await registry(), image)).tags
  } catch (error) {
    if (!(error instanceof RefitError) || hasHost(image)) throw error
    throw new RefitError(
      error.code,
      `${error.message} ${image} names no registry, so Docker Hub was asked.`,
      `Name it with its registry: --image HOST/${image}.`,
      { cause: error },
    )
  }
}

const hasHost = (image: string): boolean => repositoryPath(image) !== image

/** A tag a line, a JSON array, or what a registry answers: `{"tags": […]}`. */
function savedTags(text: string): string[] {
  if (!/^\s*[[{]/.test(text)) return text.split(/\s+/).filter(Boolean)
  try {
    const json = JSON.parse(text) as unknown
    const tags = Array.isArray(json) ? (json as unknown[]) : (json as { tags?: unknown }).tags
    if (Array.isArray(tags) && tags.every((tag): tag is string => typeof tag === 'string')) return tags
  } catch {
    // Said below, like every other list that is none.
  }
  throw new RefitError('USAGE', 'The saved list is not one of tags.', 'Write a tag a line, or a JSON array of texts.')
}
