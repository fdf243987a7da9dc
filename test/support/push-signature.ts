import { createHash } from 'node:crypto'
import type { FoundSignature } from '../../src/clients/registry/signatures'

interface At {
  /** host:port, plain http */
  host: string
  /** without the host */
  repository: string
  /** of the image */
  digest: string
}

const manifestType = 'application/vnd.oci.image.manifest.v1+json'
const indexType = 'application/vnd.oci.image.index.v1+json'
const bundleType = 'application/vnd.dev.sigstore.bundle.v0.3+json'

/** Puts signatures beside an image where cosign puts them: the older form under one tag, bundles as referrers under another. */
export async function pushSignatures(at: At, signatures: readonly FoundSignature[]): Promise<void> {
  const tag = at.digest.replace(':', '-')
  const simple = []
  const referrers = []
  for (const each of signatures) {
    if (each.kind === 'simple')
      simple.push({
        ...(await pushBlob(at, each.payload)),
        mediaType: 'application/vnd.dev.cosign.simplesigning.v1+json',
        annotations: {
          'dev.cosignproject.cosign/signature': each.signature,
          ...(each.certificate === undefined ? {} : { 'dev.sigstore.cosign/certificate': each.certificate }),
          ...(each.log === undefined ? {} : { 'dev.sigstore.cosign/bundle': each.log }),
        },
      })
    if (each.kind === 'bundle') {
      const layer = { ...(await pushBlob(at, Buffer.from(JSON.stringify(each.bundle)))), mediaType: bundleType }
      const manifest = await manifestOf(at, [layer], { artifactType: bundleType })
      const digest = `sha256:${sha256(Buffer.from(manifest))}`
      await put(at, digest, manifestType, manifest)
      referrers.push({ mediaType: manifestType, digest, size: manifest.length, artifactType: bundleType })
    }
  }
  if (simple.length > 0) await put(at, `${tag}.sig`, manifestType, await manifestOf(at, simple))
  if (referrers.length > 0)
    await put(at, tag, indexType, JSON.stringify({ schemaVersion: 2, mediaType: indexType, manifests: referrers }))
}

async function manifestOf(at: At, layers: object[], more: object = {}): Promise<string> {
  const config = { ...(await pushBlob(at, Buffer.from('{}'))), mediaType: 'application/vnd.oci.image.config.v1+json' }
  return JSON.stringify({ schemaVersion: 2, mediaType: manifestType, ...more, config, layers })
}

const sha256 = (content: Buffer): string => createHash('sha256').update(content).digest('hex')

async function pushBlob(at: At, content: Buffer): Promise<{ digest: string; size: number }> {
  const digest = `sha256:${sha256(content)}`
  const uploads = `http://${at.host}/v2/${at.repository}/blobs/uploads/`
  const started = await fetch(uploads, { method: 'POST' })
  const location = new URL(started.headers.get('location') ?? '', uploads)
  location.searchParams.set('digest', digest)
  const { status } = await fetch(location, { method: 'PUT', body: new Uint8Array(content) })
  if (status !== 201) throw new Error(`the registry answers ${status} to a blob`)
  return { digest, size: content.length }
}

async function put({ host, repository }: At, reference: string, type: string, body: string): Promise<void> {
  const url = `http://${host}/v2/${repository}/manifests/${reference}`
  const { status } = await fetch(url, { method: 'PUT', headers: { 'content-type': type }, body })
  if (status !== 201) throw new Error(`the registry answers ${status} to ${reference}`)
}
