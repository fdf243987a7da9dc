import { createHash } from 'node:crypto'
import type { Config } from '../../config'
import type { HostLimits, PullSecrets, ReadOptions, Registry, TagList } from '../contracts'
import { endpoints, type Endpoint } from './endpoint'
import { nextPage } from './links'
import { badAnswer, createRequests, type Requests } from './request'

const pageSize = 1_000
const maxPages = 200
const maxTags = 500_000

/** Both Docker's and OCI's forms; without the lists a multi-platform tag would be answered with one platform's digest. */
const manifestTypes = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ')

export { noLimits } from './limits'

interface Options {
  registries: Config['registries']
  limits: HostLimits
  secrets?: PullSecrets
  environment?: NodeJS.ProcessEnv
}

/**
 * Reads OCI registries (distribution API v2), anonymously. Hosts that aren't listed are read over https, those of this
 * machine over plain http. Requests end after 10 s, redirects are refused, and nothing is asked of another host.
 */
export function createRegistry({ registries }: Options): Registry {
  const endpointOf = endpoints(registries)
  return {
    listTags: (repository, options) => listTags(createRequests(options?.signal), endpointOf(repository), repository),
    digestOf: (repository, tag, options) =>
      digestOf(createRequests(signalOf(options)), endpointOf(repository), repository, tag),
    imageFacts: () => Promise.resolve(undefined),
    requests: () => ({}),
    // Kept connections belong to the process and don't hold it; requests under way end within their 10 s.
    close: () => Promise.resolve(),
  }
}

const signalOf = (options: AbortSignal | ReadOptions | undefined): AbortSignal | undefined =>
  options instanceof AbortSignal ? options : options?.signal

/** All pages or an error: a list that is cut short would look like deleted tags. */
async function listTags(requests: Requests, { base, path }: Endpoint, repository: string): Promise<TagList> {
  const first = new URL(`${base}/v2/${path}/tags/list?n=${pageSize}`)
  const tags = new Set<string>()
  const seen = new Set<string>()
  const hash = createHash('sha256')
  for (let url: URL | undefined = first; url;) {
    if (seen.has(url.href)) throw badAnswer(repository, 'its pages of tags go round in a circle')
    if (seen.size >= maxPages) throw badAnswer(repository, `it has more than ${maxPages} pages of tags`)
    seen.add(url.href)
    const answer = await requests.get(url, repository, 'application/json')
    hash.update(answer.body)
    for (const tag of tagsIn(answer.body, repository)) tags.add(tag)
    if (tags.size > maxTags) throw badAnswer(repository, `it has more than ${maxTags} tags`)
    url = nextPage(answer.headers.get('link'), url, first, repository)
  }
  return { tags: [...tags], hash: hash.digest('hex') }
}

function tagsIn(body: Buffer, repository: string): string[] {
  const answer = jsonObject(body, repository)
  // A repository whose tags were all deleted answers with null.
  const tags = answer.tags === null ? [] : answer.tags
  if (!Array.isArray(tags)) throw badAnswer(repository, 'its answer has no list of tags', body)
  if (!tags.every((tag): tag is string => typeof tag === 'string'))
    throw badAnswer(repository, 'its list of tags has something else than text in it', body)
  return tags
}

async function digestOf(
  requests: Requests,
  { base, path }: Endpoint,
  repository: string,
  tag: string,
): Promise<string | undefined> {
  const url = new URL(`${base}/v2/${path}/manifests/${encodeURIComponent(tag)}`)
  const head = await requests.head(url, repository, manifestTypes)
  if (head === 'absent') return undefined
  const digest = head === 'not allowed' ? null : head.get('docker-content-digest')
  if (digest === null) return hashOfManifest(requests, url, repository)
  if (!/^sha256:[0-9a-f]{64}$/.test(digest))
    throw badAnswer(repository, `its digest of ${tag} is not a sha256`, Buffer.from(digest))
  return digest
}

/** A manifest's digest is the hash of its bytes, so a registry that leaves the header out can be read too. */
async function hashOfManifest(requests: Requests, url: URL, repository: string): Promise<string> {
  const { body } = await requests.get(url, repository, manifestTypes)
  if (jsonObject(body, repository).schemaVersion !== 2) throw badAnswer(repository, 'its manifest is none', body)
  return `sha256:${createHash('sha256').update(body).digest('hex')}`
}

function jsonObject(body: Buffer, repository: string): Record<string, unknown> {
  let parsed: unknown
  try {
    parsed = JSON.parse(body.toString('utf8'))
  } catch {
    throw badAnswer(repository, 'it did not answer with JSON', body)
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    throw badAnswer(repository, 'it did not answer with a JSON object', body)
  return parsed as Record<string, unknown>
}
