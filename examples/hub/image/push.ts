import { toBlob, type Blob } from './layer'

const MANIFEST = 'application/vnd.oci.image.manifest.v1+json'
const CONFIG = 'application/vnd.oci.image.config.v1+json'
const LAYER = 'application/vnd.oci.image.layer.v1.tar'

export interface Image {
  /** host:port, plain http */
  registry: string
  repository: string
  tag: string
  config: object
  layers: Blob[]
  /** a repository that probably has some of the layers already */
  mountFrom?: string
}

/**
 * Pushes an image and returns its digest. Everything is in place before the tag is: whoever watches the tag never sees
 * anything half done. (`crane append` and `mutate` push a first manifest under the tag and then another one.)
 */
export async function push(image: Image): Promise<string> {
  const config = toBlob(Buffer.from(JSON.stringify(image.config)))
  for (const blob of [...image.layers, config]) await pushBlob(image, blob)
  const manifest = toBlob(
    Buffer.from(
      JSON.stringify({
        schemaVersion: 2,
        mediaType: MANIFEST,
        config: descriptor(CONFIG, config),
        layers: image.layers.map((each) => descriptor(LAYER, each)),
      }),
    ),
  )
  await call(url(image, `manifests/${image.tag}`), [201], {
    method: 'PUT',
    headers: { 'Content-Type': MANIFEST },
    body: new Uint8Array(manifest.content),
  })
  return manifest.digest
}

/** Takes a blob out of a repository, so that an image that names it can't be pulled. */
export async function deleteBlob(at: Pick<Image, 'registry' | 'repository'>, digest: string): Promise<void> {
  await call(url(at, `blobs/${digest}`), [202, 404], { method: 'DELETE' })
}

async function pushBlob(image: Image, { digest, content }: Blob): Promise<void> {
  const { status } = await call(url(image, `blobs/${digest}`), [200, 404], { method: 'HEAD' })
  if (status === 200) return
  const mount = image.mountFrom ? `?mount=${digest}&from=${image.mountFrom}` : ''
  const started = await call(url(image, `blobs/uploads/${mount}`), [201, 202], { method: 'POST' })
  if (started.status === 201) return
  const location = new URL(started.headers.get('location') ?? '', url(image, 'blobs/uploads/'))
  location.searchParams.set('digest', digest)
  await call(location.href, [201], {
    method: 'PUT',
    headers: { 'Content-Type': 'application/octet-stream' },
    body: new Uint8Array(content),
  })
}

const url = ({ registry, repository }: Pick<Image, 'registry' | 'repository'>, path: string) =>
  `http://${registry}/v2/${repository}/${path}`

const descriptor = (mediaType: string, { digest, content }: Blob) => ({ mediaType, digest, size: content.length })

async function call(target: string, expected: number[], init: RequestInit): Promise<Response> {
  const response = await fetch(target, init)
  if (expected.includes(response.status)) return response
  throw new Error(`${init.method} ${target}: ${response.status} ${(await response.text()).slice(0, 300)}`)
}
