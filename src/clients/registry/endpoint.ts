import type { RegistryRules } from '../../config'
import { defaultRequestsPerSecond } from '../../config/registry'
import { isLoopback } from '../../domain/address'
import { RefitError } from '../../domain/errors'
import { parseImage } from '../../domain/image'

export type Auth = NonNullable<RegistryRules['auth']>

/** A repository, and where and how it is read. */
export interface Endpoint {
  /** as it was asked for */
  repository: string
  /** as in image names; one name for all of Docker Hub's */
  host: string
  /** `https://registry.example.org` */
  origin: string
  /** `hub/ledger` */
  path: string
  /** 0 is unlimited */
  perSecond: number
  auth: Auth | undefined
}

/** Docker Hub's images are named after one host and served by another. */
const dockerHub = 'docker.io'
const dockerHubApi = 'registry-1.docker.io'
const dockerHubNames: ReadonlySet<string> = new Set([dockerHub, 'index.docker.io', dockerHubApi])

/** One name for each registry: Docker Hub has several. */
export const canonicalHost = (host: string): string => (dockerHubNames.has(host) ? dockerHub : host)

/** Where each repository is read. The function throws REGISTRY_NOT_FOUND for what is no repository's name. */
export function endpoints(registries: readonly RegistryRules[]): (repository: string) => Endpoint {
  const rules = new Map(registries.map((each) => [canonicalHost(each.host), each]))
  return (repository) => {
    const image = parseImage(repository)
    if (!image || image.tag !== undefined || image.digest !== undefined)
      throw new RefitError(
        'REGISTRY_NOT_FOUND',
        `${repository} is not the name of a repository.`,
        'Write it like registry.example.org/hub/ledger, without a tag.',
      )
    const host = canonicalHost(image.registry)
    const rule = rules.get(host)
    return {
      repository,
      host,
      origin: `${(rule?.insecure ?? isLoopback(host)) ? 'http' : 'https'}://${host === dockerHub ? dockerHubApi : host}`,
      path: image.path,
      perSecond: rule?.requestsPerSecond ?? defaultRequestsPerSecond(host),
      auth: rule?.auth,
    }
  }
}
