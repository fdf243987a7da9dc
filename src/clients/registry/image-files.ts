import { extensionOf, knexDefaults, type ImageMigration } from '../../domain/migrations/knex-list'
import { joined, type MigrationFolder } from '../../domain/migrations/choose-folder'
import { isKnexfile } from '../../domain/migrations/knexfile'
import { isDigest } from '../../domain/image'
import type { ReadOptions } from '../contracts'
import type { Ask } from './ask'
import { answerFor } from './blob'
import type { Endpoint } from './endpoint'
import { badAnswer } from './failures'
import { configOf, manifestsOf } from './image-facts'
import { ImageTree } from './image-tree'
import { isObject } from './json'
import type { Keep } from './layer-entries'
import { layerSink, type Allowance, type LayerLimits, type LayerSink } from './layer-sink'
import type { Polite } from './polite'

export interface ImageFilesOptions {
  /** the one folder that is wanted, from the image's root or its working directory; else every folder that may be meant */
  path?: string
  /** hand the contents over as well, up to 256 KiB each */
  bodies?: boolean
  limits?: Partial<LayerLimits>
}

/** A migration file with its content, where that was asked for. */
export interface ImageFile extends ImageMigration {
  body?: Buffer
}

/** What was found in an image without running it. Paths have no leading slash. */
export interface ImageFiles {
  workingDirectory: string
  folders: (MigrationFolder & { files: ImageFile[] })[]
  knexfiles: { path: string; text: string }[]
  layers: number
  /** of all layers, unpacked */
  bytes: number
}

const defaults: LayerLimits = {
  packedBytes: 4 * 1024 ** 3,
  unpackedBytes: 8 * 1024 ** 3,
  entries: 1_000_000,
  kept: 100_000,
  bodyBytes: 64 * 1024 ** 2,
}
const layerMs = 300_000
const maxLayers = 200
const layerType = /^application\/vnd\.(?:oci\.image\.layer|docker\.image\.rootfs)\b(?!.*encrypted)/

/**
 * The files of an image that may be migrations, by name and content hash: each layer is read once, from the lowest, while
 * it comes, and checked against its digest. Undefined when the image doesn't exist. REGISTRY_BAD_ANSWER for layers that
 * are hostile, broken or too large.
 */
export async function imageFiles(
  asking: { ask: Ask; polite: Polite },
  endpoint: Endpoint,
  options: ReadOptions & ImageFilesOptions,
  digest: string,
): Promise<ImageFiles | undefined> {
  if (!isDigest(digest)) throw badAnswer(endpoint, `${digest.slice(0, 80)} is not a sha256`)
  const manifest = (await manifestsOf(asking.ask, endpoint, options, digest))?.manifest
  if (!manifest) return undefined
  const config = await configOf(asking, endpoint, options, manifest.content)
  const workingDirectory = workingDirectoryIn(config)
  const wanted = options.path === undefined ? undefined : joined(workingDirectory, options.path)
  const limits = { ...defaults, ...options.limits }
  const left: Allowance = { ...limits }
  const tree = new ImageTree()
  const layers = layersIn(manifest.content, endpoint)
  for (const layer of layers) {
    const make = (): LayerSink => {
      const refuse = (what: string): Error => badAnswer(endpoint, `its layer ${layer} can't be used: ${what}`)
      return layerSink({ tree, keep: keepOf(wanted, options.bodies ?? false), left, refuse })
    }
    await readLayer(asking, endpoint, options, { digest: layer, packedBytes: limits.packedBytes, make, tree, left })
  }
  return {
    workingDirectory,
    folders: foldersOf(tree, wanted),
    knexfiles: knexfilesOf(tree),
    layers: layers.length,
    bytes: limits.unpackedBytes - left.unpackedBytes,
  }
}

interface LayerReading {
  digest: string
  packedBytes: number
  make: () => LayerSink
  tree: ImageTree
  left: Allowance
}

async function readLayer(
  asking: { ask: Ask; polite: Polite },
  endpoint: Endpoint,
  options: ReadOptions,
  { digest, packedBytes, make, tree, left }: LayerReading,
): Promise<void> {
  let sink: LayerSink | undefined
  const into = (): LayerSink['writable'] => (sink = make()).writable
  const answer = await answerFor(asking, endpoint, options, digest, {
    into,
    maxBytes: packedBytes,
    timeoutMs: layerMs,
  })
  if (!answer || !sink) throw badAnswer(endpoint, `its layer ${digest} is missing`)
  const read = await sink.done
  if (read.digest !== digest) throw badAnswer(endpoint, `its layer ${digest} does not hash to its digest`)
  tree.apply(read.changes)
  for (const each of ['unpackedBytes', 'entries', 'kept', 'bodyBytes'] as const) left[each] -= read.spent[each]
}

function layersIn({ layers }: Record<string, unknown>, endpoint: Endpoint): string[] {
  if (!Array.isArray(layers) || layers.length > maxLayers)
    throw badAnswer(endpoint, 'its manifest has no list of layers')
  return layers.map((layer: unknown) => {
    const { digest, mediaType } = isObject(layer) ? layer : {}
    if (typeof digest !== 'string' || !isDigest(digest)) throw badAnswer(endpoint, 'a layer of it has no digest')
    if (typeof mediaType !== 'string' || !layerType.test(mediaType))
      throw badAnswer(endpoint, `its layer ${digest} is none that can be read`, String(mediaType))
    return digest
  })
}

function workingDirectoryIn(config: Record<string, unknown> | undefined): string {
  const folder = isObject(config?.config) ? config.config.WorkingDir : undefined
  return typeof folder === 'string' && folder.length <= 4_096 ? joined('', folder) : ''
}

const extensions = new Set(knexDefaults.loadExtensions)

/** All code is kept by its hash, because a link may lead to it; of libraries only what is asked for. */
function keepOf(wanted: string | undefined, bodies: boolean): Keep {
  const isWanted = (path: string): boolean => wanted !== undefined && path.startsWith(`${wanted}/`)
  const isCode = (path: string): boolean => extensions.has(extensionOf(lastOf(path)))
  return {
    isKept: (path) =>
      (isCode(path) || isKnexfile(lastOf(path))) && (isWanted(path) || !/(?:^|\/)node_modules\//.test(path)),
    withBody: (path) =>
      isKnexfile(lastOf(path)) || (bodies && (isWanted(path) || (!wanted && /(?:^|\/)migrations?\//.test(path)))),
  }
}

/** With `wanted` that folder alone, through links, under the name by which it was asked for. */
function foldersOf(tree: ImageTree, wanted: string | undefined): ImageFiles['folders'] {
  const byFolder = new Map<string, ImageFile[]>()
  const links: string[] = []
  for (const [path, node] of tree.entries()) {
    if (node.kind === 'link' && /(?:^|\/)migrations?$/.test(path)) links.push(path)
    if (!extensions.has(extensionOf(lastOf(path)))) continue
    const folder = parentOf(path)
    const target = node.kind === 'link' ? tree.get(tree.resolve(path) ?? path) : node
    const file = target?.kind === 'file' ? target : {}
    const files = byFolder.get(folder) ?? []
    byFolder.set(folder, files)
    files.push({ name: lastOf(path), ...fileOf(file) })
  }
  const of = (path: string): ImageFiles['folders'] => {
    const files = byFolder.get(tree.resolve(path) ?? path)
    return files ? [{ path, files }] : []
  }
  if (wanted !== undefined) return of(wanted)
  return [...byFolder.keys(), ...links].flatMap(of)
}

const fileOf = ({ sha256, body }: { sha256?: string; body?: Buffer }): Omit<ImageFile, 'name'> => ({
  ...(sha256 === undefined ? {} : { sha256 }),
  ...(body === undefined ? {} : { body }),
})

const knexfilesOf = (tree: ImageTree): ImageFiles['knexfiles'] =>
  tree.entries().flatMap(([path, node]) => {
    const body = node.kind === 'file' && isKnexfile(lastOf(path)) ? node.body : undefined
    return body ? [{ path, text: body.toString('utf8') }] : []
  })

const lastOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1)
const parentOf = (path: string): string => path.slice(0, Math.max(path.lastIndexOf('/'), 0))
