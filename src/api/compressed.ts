import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { Api } from './types'

const gzipped = promisify(gzip)
/** Less than this travels in one or two packets anyway. */
const leastBytes = 4_096
/** Quick: a list of 2,000 services is a megabyte, and asked for often. */
const level = 4

/** Long answers of `/api/v1` travel compressed to whoever takes that. None of them has a secret beside what somebody else wrote. */
export function addCompressed(app: Api): void {
  app.addHook('onSend', async (request, reply, payload) => {
    const { method, headers, routeOptions } = request
    const isList =
      method === 'GET' && routeOptions.url?.startsWith('/api/v1/') && routeOptions.config.scope !== undefined
    if (!isList || typeof payload !== 'string' || payload.length < leastBytes) return payload
    void reply.header('vary', 'accept-encoding')
    if (!/\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))/i.test(String(headers['accept-encoding'] ?? ''))) return payload
    void reply.header('content-encoding', 'gzip').removeHeader('content-length')
    return gzipped(payload, { level })
  })
}
