import { paths, type Api } from './api'
import type { Answer } from './connection'
import { failureOf, statusOf } from './errors'

const bodyBytes = 64 * 1024

/**
 * Asks a pod over the API server's proxy, so that it works from anywhere and with the API server's own rights. The pod's
 * answer comes back whatever its status: a service that is DOWN says so with 502 and a body. What the API server says
 * itself (no such pod, nobody listens) is thrown as KUBERNETES_*.
 */
export async function podGet(
  api: Api,
  namespace: string,
  pod: string,
  port: number,
  path: string,
  timeoutMs: number,
): Promise<{ status: number; body: string }> {
  const doing = `ask pod ${namespace}/${pod}:${port}${path}`
  const answer = await api.send({
    method: 'GET',
    path: `${paths.pods(namespace, `${pod}:${port}`)}/proxy${withinPod(path)}`,
    timeoutMs,
    limit: { bytes: bodyBytes, keep: 'start' },
    doing,
  })
  if (isApiServers(answer)) throw failureOf(answer, doing)
  return { status: answer.status, body: answer.body.toString('utf8') }
}

/** Dot segments would lead out of the proxy, to anything that these credentials may read. */
function withinPod(path: string): string {
  const { pathname, search } = new URL(`http://pod${path.startsWith('/') ? '' : '/'}${path}`)
  return `${pathname}${search}`
}

const isApiServers = ({ status, body }: Answer): boolean =>
  status >= 400 && (statusOf(body) !== undefined || body.toString('latin1', 0, 64).startsWith('error trying to reach'))
