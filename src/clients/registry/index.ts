import type { Config } from '../../config'
import type { ImageContract } from '../../domain/image-contract'
import type { ImageFacts } from '../../domain/image-facts'
import type { HostLimits, PullSecrets, ReadOptions, Registry, TagList } from '../contracts'
import { createAsk } from './ask'
import { createAuthorization } from './authorization'
import { createCredentials } from './credentials'
import { endpoints } from './endpoint'
import { imageContract } from './image-contract'
import { imageFacts } from './image-facts'
import { imageFiles } from './image-files'
import { listTags } from './list-tags'
import { digestOf } from './manifest'
import { createPolite } from './polite'
import { remembered } from './remembered'
import { type FoundSignature, signaturesOf } from './signatures'
import { singleFlight } from './single-flight'
import { createTokens } from './tokens'
import { createTransport } from './transport'

export { hostLimits } from './limits'

interface Options {
  registries: Config['registries']
  /** `hostLimits()`; with the store's hosts they are those of all workers */
  limits: HostLimits
  secrets?: PullSecrets
  environment?: NodeJS.ProcessEnv
}

/**
 * Reads OCI registries (distribution API v2), with the credentials that refit.yaml names, else anonymously. Hosts that
 * aren't listed are read over https, those of this machine over plain http. Nothing is asked of another host than the
 * registry, its token server and the storage of its blobs, and never of an address that reaches closer than the registry's.
 */
export function createRegistry({ registries, limits, secrets, environment = process.env }: Options): Registry {
  const endpointOf = endpoints(registries)
  const counts = new Map<string, number>()
  const transport = createTransport()
  const polite = createPolite(transport, limits, (host) => counts.set(host, (counts.get(host) ?? 0) + 1))
  const credentials = createCredentials({ secrets, environment, polite })
  const ask = createAsk(polite, createAuthorization(credentials, createTokens(polite)))

  const lists = singleFlight<TagList | 'unchanged'>()
  const digests = singleFlight<string | undefined>()
  const signatures = singleFlight<FoundSignature[]>()
  const facts = remembered<ImageFacts>()
  const contracts = remembered<ImageContract>()
  return {
    async listTags(repository, { known, ...options } = {}) {
      const endpoint = endpointOf(repository)
      const key = keyOf(options, repository, known?.hash, known?.etag)
      return lists(key, options.signal, (signal) => listTags(ask, endpoint, { ...options, signal }, known))
    },
    async digestOf(repository, tag, options = {}) {
      const endpoint = endpointOf(repository)
      return digests(keyOf(options, repository, tag), options.signal, (signal) =>
        digestOf(ask, endpoint, { ...options, signal }, tag),
      )
    },
    async imageFacts(repository, digest, options = {}) {
      const endpoint = endpointOf(repository)
      return facts(keyOf(options, repository, digest), options.signal, (signal) =>
        imageFacts({ ask, polite }, endpoint, { ...options, signal }, digest),
      )
    },
    async imageContract(repository, digest, options = {}) {
      const endpoint = endpointOf(repository)
      return contracts(keyOf(options, repository, digest), options.signal, (signal) =>
        imageContract({ ask, polite }, endpoint, { ...options, signal }, digest),
      )
    },
    imageFiles: async (repository, digest, options = {}) =>
      imageFiles({ ask, polite }, endpointOf(repository), options, digest),
    async signatures(repository, digest, options = {}) {
      const endpoint = endpointOf(repository)
      return signatures(keyOf(options, repository, digest), options.signal, (signal) =>
        signaturesOf({ ask, polite }, endpoint, { ...options, signal }, digest),
      )
    },
    requests: () => Object.fromEntries(counts),
    close: () => transport.close(),
  }
}

/** Reads with different Secrets may be answered differently. */
const keyOf = ({ pullSecrets }: ReadOptions, ...parts: (string | undefined)[]): string =>
  [...parts, ...(pullSecrets ?? []).map(({ namespace, name }) => `${namespace}/${name}`)].join('\n')
