/** A registry of images that consist of their labels alone, over HTTP. */
import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface MadeUpRegistry {
  /** host:port */
  host: string
  /** Another content makes another digest of the same tag. */
  publish(repository: string, tag: string, labels?: Record<string, string>): void
  digestOf(repository: string, tag: string): string | undefined
  /** The tag and its image are gone. */
  remove(repository: string, tag: string): void
  /** every request is answered with this status; undefined: as ever */
  fails(status: number | undefined): void
  close(): Promise<void>
}

const manifestType = 'application/vnd.oci.image.manifest.v1+json'
const sha256 = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`

export async function madeUpRegistry(): Promise<MadeUpRegistry> {
  const repositories = new Map<string, Map<string, string>>()
  const manifests = new Map<string, string>()
  const blobs = new Map<string, string>()
  let failing: number | undefined

  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '', 'http://registry')
    const [, name = '', what = '', reference = ''] = /^\/v2\/(.+)\/(tags|manifests|blobs)\/(.+)$/.exec(pathname) ?? []
    const send = (status: number, body: string, headers: Record<string, string> = {}): void => {
      response.writeHead(status, { 'content-length': String(Buffer.byteLength(body)), ...headers })
      response.end(request.method === 'HEAD' ? undefined : body)
    }
    if (failing !== undefined) return send(failing, '{}')
    const tags = repositories.get(name)
    if (what === 'tags' && tags)
      return send(200, JSON.stringify({ name, tags: [...tags.keys()] }), { 'content-type': 'application/json' })
    const digest = reference.startsWith('sha256:') ? reference : (tags?.get(reference) ?? '')
    const found = what === 'manifests' ? manifests.get(digest) : what === 'blobs' ? blobs.get(digest) : undefined
    if (found === undefined) return send(404, '{}')
    send(200, found, { 'content-type': manifestType, 'docker-content-digest': digest })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    publish(repository, tag, labels = {}) {
      const config = JSON.stringify({
        ...{ architecture: 'amd64', os: 'linux', created: '2026-01-01T00:00:00Z' },
        config: { Labels: { 'org.opencontainers.image.version': tag, ...labels } },
        rootfs: { type: 'layers', diff_ids: [] },
      })
      const manifest = JSON.stringify({
        ...{ schemaVersion: 2, mediaType: manifestType, layers: [] },
        annotations: { repository },
        config: {
          ...{ mediaType: 'application/vnd.oci.image.config.v1+json', digest: sha256(config) },
          size: Buffer.byteLength(config),
        },
      })
      blobs.set(sha256(config), config)
      manifests.set(sha256(manifest), manifest)
      repositories.set(
        repository,
        (repositories.get(repository) ?? new Map<string, string>()).set(tag, sha256(manifest)),
      )
    },
    remove(repository, tag) {
      const digest = repositories.get(repository)?.get(tag) ?? ''
      const { config } = JSON.parse(manifests.get(digest) ?? '{"config":{}}') as { config: { digest?: string } }
      blobs.delete(config.digest ?? '')
      manifests.delete(digest)
      repositories.get(repository)?.delete(tag)
    },
    digestOf: (repository, tag) => repositories.get(repository)?.get(tag),
    fails: (status) => void (failing = status),
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
