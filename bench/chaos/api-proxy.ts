import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import https from 'node:https'
import type { AddressInfo } from 'node:net'

/** What the API server answers instead of what it would say; with `applied` it does first what it was asked. */
export interface ApiFault {
  status: 429 | 500 | 409 | 410
  applied: boolean
}

export interface ApiProxy {
  /** a kubeconfig that leads through it */
  kubeconfig: string
  /** answers every `every`th request so, from now on; undefined ends it */
  fault(fault: ApiFault | undefined, every?: number): void
  /** how many answers were such */
  faulted(): number
  close(): Promise<void>
}

const reasons = { 429: 'TooManyRequests', 500: 'InternalError', 409: 'Conflict', 410: 'Expired' } as const

const statusBody = (code: ApiFault['status']): string =>
  JSON.stringify({ kind: 'Status', apiVersion: 'v1', status: 'Failure', message: 'chaos', reason: reasons[code], code })

interface Kubeconfig {
  clusters: [{ name: string; cluster: { server: string } }]
}

/** Stands between a worker and the API server, in plain HTTP on this machine; the kubeconfig is one with a token. */
export async function apiProxy(kubeconfig: string, writeTo: string): Promise<ApiProxy> {
  const config = JSON.parse(readFileSync(kubeconfig, 'utf8')) as Kubeconfig
  const upstream = config.clusters[0].cluster.server
  // It stands on this machine, too.
  const agent = new https.Agent({ keepAlive: true, rejectUnauthorized: false })
  let now: ApiFault | undefined
  let everyNth = 1
  let asked = 0
  let faulted = 0
  const server = createServer((incoming, answer) => {
    const fault = now && ++asked % everyNth === 0 ? now : undefined
    if (fault) faulted += 1
    if (fault && !fault.applied) {
      incoming.resume()
      return void say(answer, fault)
    }
    pass(incoming, answer, fault)
  })
  const say = (answer: ServerResponse, { status }: ApiFault): void =>
    void answer
      .writeHead(status, { 'content-type': 'application/json', ...(status === 429 ? { 'retry-after': '1' } : {}) })
      .end(statusBody(status))
  const pass = (incoming: IncomingMessage, answer: ServerResponse, fault: ApiFault | undefined): void => {
    const { method, url: path = '/' } = incoming
    const headers = { ...incoming.headers }
    delete headers.host
    const outgoing = https.request(new URL(path, upstream), { method, agent, headers })
    outgoing.once('response', (response) => {
      if (fault) {
        response.resume()
        return say(answer, fault)
      }
      answer.writeHead(response.statusCode ?? 502, response.headers)
      response.pipe(answer)
      response.once('error', () => answer.destroy())
    })
    outgoing.once('error', () => answer.destroy())
    answer.once('close', () => outgoing.destroy())
    incoming.pipe(outgoing)
  }
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const cluster = {
    server: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    'insecure-skip-tls-verify': true,
  }
  writeFileSync(writeTo, JSON.stringify({ ...config, clusters: [{ ...config.clusters[0], cluster }] }), { mode: 0o600 })
  return {
    kubeconfig: writeTo,
    fault(fault, every = 1) {
      now = fault
      everyNth = every
    },
    faulted: () => faulted,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
      agent.destroy()
    },
  }
}
