import { isDigest } from '../../domain/image'
import type { ReadOptions } from '../contracts'
import type { Ask } from './ask'
import { readBlob } from './blob'
import type { Endpoint } from './endpoint'
import { badAnswer, failureOf } from './failures'
import { isObject, jsonObject } from './json'
import { readManifest } from './manifest'
import type { Polite } from './polite'

/** A signature as it lies in a registry. Nothing of it is to be believed before it is verified. */
export type FoundSignature =
  | {
      kind: 'simple'
      /** what is signed: cosign's text that names the image */
      payload: Buffer
      /** base64 */
      signature: string
      /** PEM, of a keyless signature */
      certificate?: string
      /** JSON, the entry in the transparency log */
      log?: string
    }
  | { kind: 'bundle'; /** Sigstore's bundle as JSON */ bundle: Record<string, unknown> }
  | { kind: 'unreadable'; reason: string }

type Asking = { ask: Ask; polite: Polite }

/** Of each form; who may push a signature may push many. */
const most = 20
const maxIndexBytes = 1024 * 1024
const simpleSigning = 'application/vnd.dev.cosign.simplesigning.v1+json'
const bundleType = /^application\/vnd\.dev\.sigstore\.bundle[.+]/
/** What registries without referrers answer. */
const noReferrers: ReadonlySet<number> = new Set([400, 404, 405, 501])

/**
 * What cosign has put beside an image: signatures under the tag `sha256-….sig`, and Sigstore bundles among its referrers
 * (or under the tag `sha256-…` that stands in for them). Asks the registry of the image only. Throws REGISTRY_*.
 */
export async function signaturesOf(
  asking: Asking,
  endpoint: Endpoint,
  options: ReadOptions,
  digest: string,
): Promise<FoundSignature[]> {
  if (!isDigest(digest)) throw badAnswer(endpoint, `${digest.slice(0, 80)} is not a sha256`)
  const tag = digest.replace(':', '-')
  const simple = await simpleSignatures(asking, endpoint, options, `${tag}.sig`)
  const bundles: FoundSignature[] = []
  for (const referrer of await referrersOf(asking, endpoint, options, { digest, tag }))
    bundles.push(...(await bundlesOf(asking, endpoint, options, referrer)))
  return [...simple, ...bundles]
}

async function simpleSignatures(
  asking: Asking,
  endpoint: Endpoint,
  options: ReadOptions,
  tag: string,
): Promise<FoundSignature[]> {
  const manifest = await readManifest(asking.ask, endpoint, options, tag)
  const found: FoundSignature[] = []
  for (const layer of layersOf(manifest?.content).slice(0, most)) {
    if (layer.mediaType !== simpleSigning) continue
    const { annotations } = layer
    const signature = textOf(annotations['dev.cosignproject.cosign/signature'])
    const certificate = textOf(annotations['dev.sigstore.cosign/certificate'])
    const log = textOf(annotations['dev.sigstore.cosign/bundle'])
    const payload = await readBlob(asking, endpoint, options, layer.digest)
    if (signature === undefined || payload === undefined)
      found.push({ kind: 'unreadable', reason: 'what lies under its signature tag is incomplete' })
    else
      found.push({
        ...{ kind: 'simple', payload, signature },
        ...(certificate === undefined ? {} : { certificate }),
        ...(log === undefined ? {} : { log }),
      })
  }
  return found
}

/** Digests of the manifests that say that they are Sigstore bundles of this image. */
async function referrersOf(
  { ask }: Asking,
  endpoint: Endpoint,
  options: ReadOptions,
  { digest, tag }: { digest: string; tag: string },
): Promise<string[]> {
  const { status, body } = await ask(endpoint, options, {
    method: 'GET',
    path: `/v2/${endpoint.path}/referrers/${digest}`,
    headers: { accept: 'application/vnd.oci.image.index.v1+json' },
    maxBytes: maxIndexBytes,
  })
  if (status !== 200 && !noReferrers.has(status)) throw failureOf(endpoint, status)
  const index = status === 200 ? jsonObject(body, endpoint) : (await readManifest(ask, endpoint, options, tag))?.content
  const manifests = Array.isArray(index?.manifests) ? index.manifests.filter(isObject) : []
  return manifests
    .filter(({ artifactType }) => typeof artifactType === 'string' && bundleType.test(artifactType))
    .flatMap(({ digest: each }) => (typeof each === 'string' && isDigest(each) ? [each] : []))
    .slice(0, most)
}

async function bundlesOf(
  asking: Asking,
  endpoint: Endpoint,
  options: ReadOptions,
  digest: string,
): Promise<FoundSignature[]> {
  const manifest = await readManifest(asking.ask, endpoint, options, digest)
  const [layer] = layersOf(manifest?.content).filter(({ mediaType }) => bundleType.test(mediaType))
  const blob = layer && (await readBlob(asking, endpoint, options, layer.digest))
  if (!blob) return [{ kind: 'unreadable', reason: `its bundle ${digest} is incomplete` }]
  try {
    return [{ kind: 'bundle', bundle: jsonObject(blob, endpoint) }]
  } catch {
    return [{ kind: 'unreadable', reason: `its bundle ${digest} is not JSON` }]
  }
}

interface Layer {
  mediaType: string
  digest: string
  annotations: Record<string, unknown>
}

function layersOf(content: Record<string, unknown> | undefined): Layer[] {
  const layers = Array.isArray(content?.layers) ? content.layers.filter(isObject) : []
  return layers.flatMap(({ mediaType, digest, annotations }) =>
    typeof mediaType === 'string' && typeof digest === 'string' && isDigest(digest)
      ? [{ mediaType, digest, annotations: isObject(annotations) ? annotations : {} }]
      : [],
  )
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)
