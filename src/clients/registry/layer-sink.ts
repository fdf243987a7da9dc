import { createHash } from 'node:crypto'
import { PassThrough, pipeline, Transform, Writable, type Duplex } from 'node:stream'
import zlib from 'node:zlib'
import { extract } from 'tar-stream'
import { LayerEntries, type Content, type Keep } from './layer-entries'
import { BadEntry } from './layer-path'
import type { ImageTree, LayerChanges } from './image-tree'

/** What an image may cost to read. */
export interface LayerLimits {
  /** as the registry sends it, per layer */
  packedBytes: number
  /** of all layers together */
  unpackedBytes: number
  entries: number
  /** files that are kept by their hash */
  kept: number
  /** of the contents that are kept; what comes after that is kept by its hash alone */
  bodyBytes: number
}

/** What is left of the limits, shared by the layers of an image. */
export type Allowance = Omit<LayerLimits, 'packedBytes'>

export interface LayerSink {
  /** takes the layer's bytes as they are sent */
  writable: Writable
  /** the changes, and the digest of what came */
  done: Promise<{ changes: LayerChanges; digest: string; spent: Allowance }>
}

interface Unpacking {
  /** what the layers below leave */
  tree: ImageTree
  keep: Keep
  left: Allowance
  /** the error for a layer that can't be unpacked, with what is wrong with it */
  refuse: (what: string) => Error
}

/** Unpacks one layer while it comes; holds no more of it than what is kept. */
export function layerSink({ tree, keep, left, refuse }: Unpacking): LayerSink {
  const hash = createHash('sha256')
  const entries = new LayerEntries(tree, keep, left)
  let unpacked = 0
  const count = new Transform({
    transform(chunk: Buffer, _encoding, callback) {
      unpacked += chunk.byteLength
      if (unpacked > left.unpackedBytes) callback(new BadEntry('it unpacks to more than is read'))
      else callback(null, chunk)
    },
  })
  const tar = extract()
  tar.on('entry', (header, stream, next) => entries.take(header, stream as unknown as Content, next))

  let settle: (error?: Error) => void
  const ended = new Promise<void>((resolve, reject) => (settle = (error) => (error ? reject(error) : resolve())))
  const refused = (error: Error): Error =>
    refuse(error instanceof BadEntry ? error.message : `it can't be unpacked (${error.message})`)
  let head: Duplex | undefined
  let first = Buffer.alloc(0)
  /** By its first bytes, as container runtimes do: media types are not always right. */
  const open = (): Duplex => {
    const opened = unpackerOf(first)
    pipeline(opened, count, tar as unknown as Writable, (error) => {
      if (!error) settle()
      else if (!writable.destroyed) writable.destroy(refused(error))
    })
    return opened
  }
  const feed = (chunk: Buffer, callback: (error?: Error | null) => void): void => {
    try {
      const isNew = !head
      head ??= open()
      if (head.write(isNew ? first : chunk)) callback()
      else head.once('drain', () => callback())
    } catch (error) {
      const refusal = refused(error as Error)
      settle(refusal)
      callback(refusal)
    }
  }
  const writable: Writable = new Writable({
    write(chunk: Buffer, _encoding, callback) {
      hash.update(chunk)
      if (!head) first = Buffer.concat([first, chunk])
      if (!head && first.byteLength < magicLength) callback()
      else feed(chunk, callback)
    },
    final(callback) {
      const end = (error?: Error | null): void => {
        if (error) return callback(error)
        head?.end()
        ended.then(() => callback(), callback)
      }
      if (head) end()
      else feed(Buffer.alloc(0), end)
    },
    destroy(error, callback) {
      head?.destroy(error ?? undefined)
      settle(error ?? new Error('closed'))
      callback(error)
    },
    autoDestroy: false,
  })
  const done = ended.then(() => ({
    changes: entries.changes,
    digest: `sha256:${hash.digest('hex')}`,
    spent: {
      unpackedBytes: unpacked,
      entries: entries.seen,
      kept: entries.changes.nodes.size,
      bodyBytes: entries.bodyBytes,
    },
  }))
  // Whoever sends the bytes may fail first, and then nobody waits for this.
  done.catch(() => undefined)
  return { writable, done }
}

const magicLength = 4

/** Node has zstd since 22.15. */
const zstd = (zlib as unknown as { createZstdDecompress?: () => Duplex }).createZstdDecompress

function unpackerOf(first: Buffer): Duplex {
  if (first[0] === 0x1f && first[1] === 0x8b) return zlib.createGunzip()
  if (first.byteLength < magicLength || first.readUInt32LE(0) !== 0xfd2fb528) return new PassThrough()
  if (zstd) return zstd()
  throw new BadEntry(`it is packed with zstd, which Node ${process.versions.node} can't unpack (22.15 can)`)
}
