import picomatch from 'picomatch'
import { repositoryPath } from '../domain/image'
import type { Policy } from '../domain/policy'
import { type Line, linesOf, releaseTargetOf, type SupportRules } from '../domain/supported'

/**
 * The first policy that selects this repository in this namespace; undefined means unwatched. Image patterns are globs
 * over the repository with its registry host (`registry.example.org/hub/*`) or without it (`hub/*`).
 */
export function policyFor(
  config: { readonly policies: readonly Policy[] },
  namespace: string,
  repository: string,
): Policy | undefined {
  const path = repositoryPath(repository)
  return config.policies.find(
    ({ select }) =>
      isMatch(namespace, select.namespaces) && [repository, path].some((name) => isMatch(name, select.images)),
  )
}

const compiled = new WeakMap<readonly string[], picomatch.Matcher>()

/** A configuration's globs are compiled once: a scan asks for thousands of services. */
function isMatch(name: string, patterns: readonly string[]): boolean {
  const matcher = compiled.get(patterns) ?? picomatch([...patterns])
  compiled.set(patterns, matcher)
  return matcher(name)
}

/**
 * What is said of an image's support: its lines, and what strategy `release` aims at. Image patterns are matched as in
 * `policyFor`. `now` in epoch ms.
 */
export function supportOf(
  config: SupportRules,
  repository: string,
  now: number,
): { lines: Line[]; releaseTarget?: { release: string; tag: string } } {
  const path = repositoryPath(repository)
  const matches = (patterns: readonly string[]): boolean => [repository, path].some((name) => isMatch(name, patterns))
  const releaseTarget = releaseTargetOf(path, config, now)
  return { lines: linesOf(path, config, matches), ...(releaseTarget ? { releaseTarget } : {}) }
}

/** Every namespace that a policy names. */
export const watchedNamespaces = ({ policies }: { readonly policies: readonly Policy[] }): string[] => [
  ...new Set(policies.flatMap(({ select }) => select.namespaces)),
]
