import { createHash } from 'node:crypto'
import type { Header } from 'tar-stream'
import { joined } from '../../domain/migrations/choose-folder'
import type { ImageNode, ImageTree, LayerChanges } from './image-tree'
import { BadEntry, layerPath, plainPath } from './layer-path'
import type { Allowance } from './layer-sink'

/** What is kept of an image. */
export interface Keep {
  /** whether a file is kept by its hash */
  isKept(path: string): boolean
  /** whether its content is, too */
  withBody(path: string): boolean
}

/** A stream of one entry's content, as tar-stream gives it. */
export interface Content {
  on(event: 'data', listener: (chunk: Buffer) => void): unknown
  on(event: 'end', listener: () => void): unknown
  on(event: 'error', listener: (error: Error) => void): unknown
  resume(): unknown
}

const maxBody = 256 * 1024

/** Collects what one layer changes. Nothing is ever written to a disk: a link is a text here, and leads nowhere. */
export class LayerEntries {
  readonly changes: LayerChanges = { nodes: new Map(), removed: new Set(), opaque: new Set() }
  seen = 0
  bodyBytes = 0

  constructor(
    private readonly lower: ImageTree,
    private readonly keep: Keep,
    private readonly left: Allowance,
  ) {}

  /** One entry of the archive; `next` asks for the next one. */
  take(header: Header, content: Content, next: (error?: Error | null) => void): void {
    // It ends with the archive, which tells why.
    content.on('error', () => undefined)
    try {
      this.seen += 1
      if (this.seen > this.left.entries) throw new BadEntry('it has more entries than are read')
      const hashed = this.note(header)
      if (hashed === undefined) content.on('end', () => next())
      else this.hash(hashed, content, next)
      content.resume()
    } catch (error) {
      next(error as Error)
    }
  }

  /** The path of a file whose content is to be hashed. */
  private note({ name, type, linkname }: Header): string | undefined {
    const read = layerPath(name)
    if (read.kind === 'nothing') return undefined
    const { path } = read
    if (read.kind !== 'entry') {
      this.changes[read.kind].add(path)
      return undefined
    }
    if (type === 'directory') {
      // A folder takes the place of a file or a link; what lies below a folder stays.
      if (this.lower.get(path)) this.changes.removed.add(path)
      return undefined
    }
    if (this.lower.concerns(path)) this.changes.removed.add(path)
    // The last entry of a name is the one that counts.
    this.changes.nodes.delete(path)
    if (type === 'symlink') this.set(path, { kind: 'link', target: targetOf(path, linkname ?? '') })
    else if (type === 'link' && this.keep.isKept(path)) this.set(path, this.linked(plainPath(linkname ?? '')))
    else if (isFile(type) && this.keep.isKept(path)) return path
    return undefined
  }

  /** A hard link is the same file, of this layer or a lower one; of one that isn't kept the content isn't known. */
  private linked(target: string): ImageNode {
    return this.changes.nodes.get(target) ?? this.lower.get(this.lower.resolve(target) ?? target) ?? { kind: 'file' }
  }

  private hash(path: string, content: Content, next: (error?: Error | null) => void): void {
    const hash = createHash('sha256')
    const chunks: Buffer[] | undefined = this.keep.withBody(path) ? [] : undefined
    let size = 0
    content.on('data', (chunk) => {
      hash.update(chunk)
      size += chunk.byteLength
      if (size <= maxBody) chunks?.push(chunk)
    })
    content.on('end', () => {
      const isHeld = chunks && size <= maxBody && this.bodyBytes + size <= this.left.bodyBytes
      const body = isHeld ? { body: Buffer.concat(chunks) } : {}
      if (isHeld) this.bodyBytes += size
      try {
        this.set(path, { kind: 'file', sha256: hash.digest('hex'), ...body })
        next()
      } catch (error) {
        next(error as Error)
      }
    })
  }

  private set(path: string, node: ImageNode): void {
    this.changes.nodes.set(path, node)
    if (this.changes.nodes.size > this.left.kept) throw new BadEntry('it has more files than are kept')
  }
}

const isFile = (type: Header['type']): boolean => type === 'file' || type === 'contiguous-file'

/** A link's target from the image's root; one that would lead out of it ends there, as in a container. */
function targetOf(path: string, target: string): string {
  if (target.length > 4_096) throw new BadEntry('it has a link that is none')
  return joined(path.slice(0, Math.max(path.lastIndexOf('/'), 0)), target)
}
