import { RefitError } from '../../domain/errors'
import { parseImage } from '../../domain/image'

export interface RegistryHost {
  readonly host: string
  /** plain http */
  readonly insecure: boolean
}

export interface Endpoint {
  /** `https://registry.example.org` */
  base: string
  /** `hub/ledger` */
  path: string
}

/** Docker Hub's images are named after one host and served by another. */
const apiHosts: Readonly<Record<string, string>> = {
  'docker.io': 'registry-1.docker.io',
  'index.docker.io': 'registry-1.docker.io',
}

const loopback = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/

/** Where each repository is read. The function throws REGISTRY_NOT_FOUND for what is no repository's name. */
export function endpoints(registries: readonly RegistryHost[]): (repository: string) => Endpoint {
  const insecure = new Map(registries.map((each) => [each.host, each.insecure]))
  return (repository) => {
    const image = parseImage(repository)
    if (!image || image.tag !== undefined || image.digest !== undefined)
      throw new RefitError('REGISTRY_NOT_FOUND', `${repository} is not the name of a repository.`)
    const plain = insecure.get(image.registry) ?? loopback.test(image.registry)
    const host = apiHosts[image.registry] ?? image.registry
    return { base: `${plain ? 'http' : 'https'}://${host}`, path: image.path }
  }
}
