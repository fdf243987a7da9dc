import picomatch from 'picomatch'
import type { Policy } from '../domain/policy'

/**
 * The first policy that selects this repository in this namespace; undefined means unwatched. Image patterns are globs
 * over the repository with its registry host (`registry.example.org/hub/*`) or without it (`hub/*`).
 */
export function policyFor(
  config: { readonly policies: readonly Policy[] },
  namespace: string,
  repository: string,
): Policy | undefined {
  const path = withoutHost(repository)
  return config.policies.find(
    ({ select }) =>
      picomatch.isMatch(namespace, select.namespaces) &&
      [repository, path].some((name) => picomatch.isMatch(name, select.images)),
  )
}

/** A first segment with a dot or a port, or `localhost`, is a host: the rule of image names. */
function withoutHost(repository: string): string {
  const [first = '', ...rest] = repository.split('/')
  return rest.length > 0 && (/[.:]/.test(first) || first === 'localhost') ? rest.join('/') : repository
}
