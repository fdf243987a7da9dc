import { createHash } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import { pack } from 'tar-stream'

/** A blob with its digest. Layers stay uncompressed: then the digest depends on no zlib version. */
export interface Blob {
  digest: string
  content: Buffer
}

export interface LayerFile {
  /** without a leading slash */
  path: string
  content: Buffer
  mode: number
}

const EPOCH = new Date(0)

/** A reproducible tar layer: fixed order, owner and times; parent directories are added. */
export async function layer(files: LayerFile[], emptyDirectories: Omit<LayerFile, 'content'>[] = []): Promise<Blob> {
  const tar = pack()
  const content = buffer(tar)
  const directories = new Set(files.flatMap(({ path }) => parents(path)))
  const given = new Set(emptyDirectories.map(({ path }) => path))
  for (const name of [...directories].filter((each) => !given.has(each)).sort()) {
    tar.entry({ name: `${name}/`, type: 'directory', mode: 0o755, mtime: EPOCH, uid: 0, gid: 0 })
  }
  for (const { path, mode } of emptyDirectories) {
    tar.entry({ name: `${path}/`, type: 'directory', mode, mtime: EPOCH, uid: 0, gid: 0 })
  }
  for (const file of [...files].sort((a, b) => (a.path < b.path ? -1 : 1))) {
    tar.entry({ name: file.path, mode: file.mode, mtime: EPOCH, uid: 0, gid: 0 }, file.content)
  }
  tar.finalize()
  return toBlob(await content)
}

/** Content with its sha256 digest. */
export const toBlob = (content: Buffer): Blob => ({
  digest: `sha256:${createHash('sha256').update(content).digest('hex')}`,
  content,
})

function parents(path: string): string[] {
  const parts = path.split('/').slice(0, -1)
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'))
}
