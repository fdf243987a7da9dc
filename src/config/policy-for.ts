import picomatch from 'picomatch'
import { pathOf } from '../domain/image'
import type { Policy } from '../domain/policy'

type Policies = { readonly policies: readonly Policy[] }

/** The first policy that selects this repository in this namespace; undefined means unwatched. */
export function policyFor({ policies }: Policies, namespace: string, repository: string): Policy | undefined {
  return policies.find(
    ({ select }) => picomatch.isMatch(namespace, select.namespaces) && selects(select.images, repository),
  )
}

/** Whether one of these globs fits the repository with its registry host (`registry.example.org/hub/*`) or without (`hub/*`). */
export const selects = (patterns: readonly string[], repository: string): boolean =>
  [repository, pathOf(repository)].some((name) => picomatch.isMatch(name, [...patterns]))

/** Every namespace that a policy names. */
export const watchedNamespaces = ({ policies }: Policies): string[] => [
  ...new Set(policies.flatMap(({ select }) => select.namespaces)),
]
