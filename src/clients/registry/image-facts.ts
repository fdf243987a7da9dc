import { isDigest } from '../../domain/image'
import type { ImageFacts } from '../../domain/image-facts'
import type { ReadOptions } from '../contracts'
import type { Ask } from './ask'
import { readBlob } from './blob'
import type { Endpoint } from './endpoint'
import { badAnswer } from './failures'
import { factsIn, platformOf, type Labels } from './image-labels'
import { isObject, jsonObject } from './json'
import { readManifest, type Manifest } from './manifest'
import type { Polite } from './polite'

const maxPlatforms = 64

interface Child {
  digest: string
  platform: string
}

/**
 * What an image says of itself: of an index its platforms, and the config of one of them, because a release is built for
 * all of them at once. At most three requests, and one redirect of the blob.
 */
export async function imageFacts(
  asking: { ask: Ask; polite: Polite },
  endpoint: Endpoint,
  options: ReadOptions,
  digest: string,
): Promise<ImageFacts | undefined> {
  if (!isDigest(digest)) throw badAnswer(endpoint, `${digest.slice(0, 80)} is not a sha256`)
  const found = await manifestsOf(asking.ask, endpoint, options, digest)
  if (!found) return undefined
  const { top, children, manifest } = found
  const config = manifest && (await configOf(asking, endpoint, options, manifest.content))
  const labels = [configLabels(config), manifest?.content.annotations, top.content.annotations].filter(isObject)
  const own = config && platformOf(config)
  const platforms = children ? children.map(({ platform }) => platform) : own ? [own] : []
  return {
    digest,
    platforms: [...new Set(platforms)].slice(0, maxPlatforms),
    ...factsIn(labels, config?.created),
  }
}

/** The manifest of a digest; of an index its platforms and the manifest of one of them. Undefined when it doesn't exist. */
export async function manifestsOf(
  ask: Ask,
  endpoint: Endpoint,
  options: ReadOptions,
  digest: string,
): Promise<{ top: Manifest; children: Child[] | undefined; manifest: Manifest | undefined } | undefined> {
  const top = await readManifest(ask, endpoint, options, digest)
  if (!top) return undefined
  const children = childrenOf(top.content)
  const one = children && preferred(children)
  return { top, children, manifest: children ? one && (await readManifest(ask, endpoint, options, one.digest)) : top }
}

/** Of an index, what can be run: signatures and other attestations say "unknown/unknown". Undefined for a single manifest. */
function childrenOf({ manifests }: Record<string, unknown>): Child[] | undefined {
  if (!Array.isArray(manifests)) return undefined
  return manifests.filter(isObject).flatMap(({ digest, platform }) => {
    const name = isObject(platform) ? platformOf(platform) : undefined
    return typeof digest === 'string' && isDigest(digest) && name ? [{ digest, platform: name }] : []
  })
}

const preferred = (children: Child[]): Child | undefined =>
  children.find(({ platform }) => platform === 'linux/amd64') ??
  children.find(({ platform }) => platform.startsWith('linux/')) ??
  children[0]

/** The config blob of a manifest. */
export async function configOf(
  asking: { ask: Ask; polite: Polite },
  endpoint: Endpoint,
  options: ReadOptions,
  { config }: Record<string, unknown>,
): Promise<Record<string, unknown> | undefined> {
  const digest = isObject(config) ? config.digest : undefined
  if (typeof digest !== 'string' || !isDigest(digest)) return undefined
  const blob = await readBlob(asking, endpoint, options, digest)
  return blob && jsonObject(blob, endpoint)
}

const configLabels = (config: Record<string, unknown> | undefined): Labels | undefined =>
  isObject(config?.config) && isObject(config.config.Labels) ? config.config.Labels : undefined
