import { joined } from '../../domain/migrations/choose-folder'

/** A file of an image that is kept by its hash, or a link. */
export type ImageNode =
  | { kind: 'file'; sha256?: string; body?: Buffer }
  /** a symbolic link, to a path of the image (without a leading slash) */
  | { kind: 'link'; target: string }

/** What one layer changes, of what is kept. Paths have no leading slash. */
export interface LayerChanges {
  nodes: Map<string, ImageNode>
  /** gone, with everything below */
  removed: Set<string>
  /** what lower layers have below is gone */
  opaque: Set<string>
}

/** Links may go round in a circle. */
const maxLinks = 40

/** The files of an image that are kept, as the layers so far leave them. */
export class ImageTree {
  private nodes = new Map<string, ImageNode>()
  private folders = new Set<string>()

  /** Whether something that is kept lies at or below a path. */
  concerns(path: string): boolean {
    return this.nodes.has(path) || this.folders.has(path)
  }

  get(path: string): ImageNode | undefined {
    return this.nodes.get(path)
  }

  /** Lays a layer on top: what it removes first, which is what lower layers have; then what it brings. */
  apply({ nodes, removed, opaque }: LayerChanges): void {
    const gone = new Set([...removed].map((path) => this.throughLinks(path)))
    const emptied = new Set([...opaque].map((path) => this.resolve(path) ?? path))
    if (emptied.has('')) this.nodes.clear()
    if (gone.size > 0 || emptied.size > 0)
      for (const path of this.nodes.keys())
        if (gone.has(path) || ancestorsOf(path).some((each) => gone.has(each) || emptied.has(each)))
          this.nodes.delete(path)
    for (const [path, node] of nodes) this.nodes.set(this.throughLinks(path), node)
    this.folders = new Set([...this.nodes.keys()].flatMap(ancestorsOf))
  }

  /** Every file and link, sorted by path. */
  entries(): [path: string, node: ImageNode][] {
    return [...this.nodes].sort(([a], [b]) => (a < b ? -1 : 1))
  }

  /** Where a path ends up when every link in it is followed; never outside the image. Undefined for a circle. */
  resolve(path: string): string | undefined {
    let at = joined('', path)
    for (let hops = 0; hops <= maxLinks; hops += 1) {
      const link = [...ancestorsOf(at), at].find((each) => this.nodes.get(each)?.kind === 'link')
      if (link === undefined) return at
      const node = this.nodes.get(link)
      if (node?.kind !== 'link') return at
      at = joined(joined('', node.target), at.slice(link.length + 1))
    }
    return undefined
  }

  /** A layer may write below a link of a lower one. */
  private throughLinks(path: string): string {
    const cut = path.lastIndexOf('/')
    if (cut < 0) return path
    const folder = this.resolve(path.slice(0, cut)) ?? path.slice(0, cut)
    return joined(folder, path.slice(cut + 1))
  }
}

/** The folders above a path, the nearest to the root first; not the root itself. */
function ancestorsOf(path: string): string[] {
  const parts = path.split('/')
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('/'))
}
