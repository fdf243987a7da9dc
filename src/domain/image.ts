import { tagPattern } from './tag'

/** An image reference, taken apart. `repository` keeps the registry as it was written, so that it can be put together again. */
export interface Image {
  /** host[:port]; `docker.io` when none is written */
  registry: string
  /** as written, without tag and digest: `127.0.0.1:5000/hub/ledger`, `redis` */
  repository: string
  /** without the registry, with Docker's implied `library/`: `hub/ledger`, `library/redis` */
  path: string
  tag?: string
  digest?: string
}

const component = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*'
const host =
  '(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*|\\[[0-9a-fA-F:]+\\])(?::[0-9]{1,5})?'
const digestPattern = 'sha256:[0-9a-f]{64}'
/** The grammar of the distribution project's reference package. */
const reference = new RegExp(
  `^((?:(${host})/)?(${component}(?:/${component})*))(?::(${tagPattern}))?(?:@(${digestPattern}))?$`,
)
const digestGrammar = new RegExp(`^${digestPattern}$`)

/** Whether this is a digest that Refit can check: of a manifest, an index or a blob. */
export const isDigest = (text: string): boolean => digestGrammar.test(text)

/** Undefined when it is no image reference. A first segment is a registry only if it has a dot, a port or is localhost, as in Docker. */
export function parseImage(text: string): Image | undefined {
  const match = reference.exec(text)
  if (!match?.[1] || !match[3]) return undefined
  const [, repository, first, rest, tag, digest] = match
  const isHost = first !== undefined && (/[.:[]/.test(first) || first === 'localhost')
  if (first !== undefined && !isHost && first !== first.toLowerCase()) return undefined
  const registry = isHost ? first : 'docker.io'
  const bare = isHost || first === undefined ? rest : `${first}/${rest}`
  const path = registry === 'docker.io' && !bare.includes('/') ? `library/${bare}` : bare
  return { registry, repository, path, ...(tag ? { tag } : {}), ...(digest ? { digest } : {}) }
}

/** `repository[:tag][@digest]` */
export function formatImage({ repository, tag, digest }: Pick<Image, 'repository' | 'tag' | 'digest'>): string {
  return `${repository}${tag ? `:${tag}` : ''}${digest ? `@${digest}` : ''}`
}

/** A repository without its registry: `hub/ledger`. As in image names, only a dot, a port or `localhost` makes a host. */
export function repositoryPath(repository: string): string {
  const [first = '', ...rest] = repository.split('/')
  return rest.length > 0 && (/[.:]/.test(first) || first === 'localhost') ? rest.join('/') : repository
}
