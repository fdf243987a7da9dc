import { createHash } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'
import { pack, type Header } from 'tar-stream'
import type { Blob } from '../../examples/hub/image/layer'

/** An entry of a layer: a file by its text, or anything that tar can say. */
export type Entry = [name: string, text: string] | (Partial<Header> & { name: string })

/** A layer as it is pushed, packed with gzip unless told otherwise. */
export async function layerOf(entries: Entry[], { packed = true } = {}): Promise<Blob> {
  const tar = pack()
  const content = buffer(tar)
  for (const entry of entries)
    if (Array.isArray(entry)) tar.entry({ name: entry[0] }, entry[1])
    else tar.entry(entry)
  tar.finalize()
  return blobOf(packed ? gzipSync(await content) : await content)
}

export const blobOf = (content: Buffer): Blob => ({
  digest: `sha256:${createHash('sha256').update(content).digest('hex')}`,
  content,
})

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

/** What a config blob says. */
export const configOf = (WorkingDir = '/opt/app') => ({ os: 'linux', architecture: 'amd64', config: { WorkingDir } })
