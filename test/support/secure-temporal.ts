import { mkdtemp, rm } from 'node:fs/promises'
import { readFileSync } from 'node:fs'
import { connect, constants, createSecureServer, type IncomingHttpHeaders } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from '../../stack/run'
import { buildBinaries, toolPath } from '../../stack/tools'

/** A certificate authority of a test's own, with files `<name>.crt` and `<name>.key` of each certificate. */
export interface Authority {
  file(name: string): string
  remove(): Promise<void>
}

export async function authorityOf(...names: string[]): Promise<Authority> {
  await buildBinaries(['pki'], () => undefined)
  const directory = await mkdtemp(join(tmpdir(), 'refit-tls-'))
  const hosts = ['localhost', '127.0.0.1']
  const certificates = names.map((name) => ({ name, commonName: name, hosts }))
  await run(toolPath('pki'), [], { input: JSON.stringify({ directory, certificates }) })
  return { file: (name) => join(directory, name), remove: () => rm(directory, { recursive: true, force: true }) }
}

/** In front of a Temporal without TLS: ends TLS, wants a client's certificate, an API key, or both. */
export interface SecureTemporal {
  address: string
  /** `authorization` of each call */
  authorizations: Set<string | undefined>
  close(): Promise<void>
}

export async function secureTemporal(
  upstream: string,
  {
    authority,
    wantsCertificate = false,
    apiKey,
  }: { authority: Authority; wantsCertificate?: boolean; apiKey?: string },
): Promise<SecureTemporal> {
  const read = (name: string): Buffer => readFileSync(authority.file(name))
  const authorizations = new Set<string | undefined>()
  const session = connect(`http://${upstream}`)
  const server = createSecureServer({
    ...{ key: read('server.key'), cert: read('server.crt'), ca: read('ca.crt') },
    ...{ requestCert: wantsCertificate, rejectUnauthorized: wantsCertificate },
  })
  server.on('stream', (stream, headers) => {
    authorizations.add(headers.authorization)
    stream.on('error', () => undefined)
    if (apiKey !== undefined && headers.authorization !== `Bearer ${apiKey}`) {
      const refused = { 'grpc-status': '16', 'grpc-message': 'Request unauthorized.' }
      stream.respond({ ':status': 200, 'content-type': 'application/grpc', ...refused }, { endStream: true })
      return
    }
    const asked = session.request({ ...headers, ':scheme': 'http', ':authority': upstream })
    let trailers: IncomingHttpHeaders = {}
    asked.on('error', () => stream.close())
    asked.on('trailers', (each: IncomingHttpHeaders) => (trailers = each))
    asked.on('response', (answer, flags: number) => {
      if (stream.destroyed) return
      const isAll = (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0
      stream.respond(answer, isAll ? { endStream: true } : { waitForTrailers: true })
      if (!isAll) asked.pipe(stream)
    })
    stream.on('wantTrailers', () => stream.sendTrailers(trailers))
    stream.on('close', () => asked.close())
    stream.pipe(asked)
  })
  const open = new Set<{ destroy(): void }>()
  server.on('session', (each) => open.add(each))
  server.on('tlsClientError', () => undefined)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    authorizations,
    async close() {
      for (const each of open) each.destroy()
      session.destroy()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}
