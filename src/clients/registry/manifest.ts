import { isDigest } from '../../domain/image'
import type { ReadOptions } from '../contracts'
import type { Ask } from './ask'
import { sha256Of } from './digest'
import type { Endpoint } from './endpoint'
import { badAnswer, failureOf } from './failures'
import { one } from './headers'
import { jsonObject } from './json'

const maxBytes = 8 * 1024 * 1024

/** Both Docker's and OCI's forms; without the lists a multi-platform tag would be answered with one platform's digest. */
const accept = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ')
const headers = { accept }

export interface Manifest {
  digest: string
  content: Record<string, unknown>
}

/** HEAD of the manifest, or its hash where a registry leaves the header out; undefined when the tag doesn't exist. */
export async function digestOf(
  ask: Ask,
  endpoint: Endpoint,
  options: ReadOptions,
  tag: string,
): Promise<string | undefined> {
  const path = pathOf(endpoint, tag)
  const { status, headers: answered } = await ask(endpoint, options, { method: 'HEAD', path, headers, maxBytes: 0 })
  if (status === 404) return undefined
  if (status !== 200 && status !== 405) throw failureOf(endpoint, status)
  const named = status === 405 ? undefined : one(answered['docker-content-digest'])
  if (named === undefined) return (await readManifest(ask, endpoint, options, tag))?.digest
  if (!isDigest(named)) throw badAnswer(endpoint, `its digest of ${tag} is not a sha256`, named)
  return named
}

/** A manifest by tag or digest; its bytes hash to what was asked for and to what the registry calls it. */
export async function readManifest(
  ask: Ask,
  endpoint: Endpoint,
  options: ReadOptions,
  reference: string,
): Promise<Manifest | undefined> {
  const path = pathOf(endpoint, reference)
  const { status, headers: answered, body } = await ask(endpoint, options, { method: 'GET', path, headers, maxBytes })
  if (status === 404) return undefined
  if (status !== 200) throw failureOf(endpoint, status)
  const digest = sha256Of(body)
  const named = one(answered['docker-content-digest'])
  const wanted = isDigest(reference) ? reference : named
  if ((wanted !== undefined && wanted !== digest) || (named !== undefined && named !== digest))
    throw badAnswer(endpoint, `its manifest ${reference} does not hash to its digest`)
  const content = jsonObject(body, endpoint)
  if (content.schemaVersion !== 2) throw badAnswer(endpoint, 'its manifest is none', body)
  return { digest, content }
}

const pathOf = ({ path }: Endpoint, reference: string): string =>
  `/v2/${path}/manifests/${reference.startsWith('sha256:') ? reference : encodeURIComponent(reference)}`
