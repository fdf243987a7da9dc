import { mkdtempSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createKubernetes } from '../../src/clients/kubernetes'
import type { Kubernetes } from '../../src/clients/contracts'

export interface Asked {
  method: string
  path: string
  query: Record<string, string>
  headers: Record<string, string | string[] | undefined>
  body: unknown
}

export interface Answered {
  status?: number
  body?: unknown
  headers?: Record<string, string>
  /** instead of a body: what comes over time */
  stream?: (open: Stream) => void
}

export interface Stream {
  /** one line of JSON */
  line(event: object): void
  text(text: string): void
  end(): void
  /** cuts the connection */
  cut(): void
}

export interface FakeApi {
  kubernetes: Kubernetes
  kubeconfig: string
  asked: Asked[]
  /** what answers from now on; undefined never answers */
  answer(handler: (asked: Asked) => Answered | undefined): void
  close(): Promise<void>
}

/** What the API server itself says when something is wrong. */
export const status = (code: number, reason: string, message: string, details: object = {}): Answered => ({
  status: code,
  body: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, details, code },
})

/** A client whose API server answers as a test says: for the answers that a real one gives too seldom. */
export async function startFakeApi(): Promise<FakeApi> {
  let handler: (asked: Asked) => Answered | undefined = () => ({ status: 404 })
  const asked: Asked[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const url = new URL(request.url ?? '', 'http://api')
      const text = Buffer.concat(chunks).toString('utf8')
      const one: Asked = {
        method: request.method ?? '',
        path: url.pathname,
        query: Object.fromEntries(url.searchParams),
        headers: request.headers,
        body: text ? JSON.parse(text) : undefined,
      }
      asked.push(one)
      const answered = handler(one)
      if (!answered) return
      const { body = '', stream } = answered
      response.writeHead(answered.status ?? 200, answered.headers)
      if (stream) {
        response.flushHeaders()
        stream({
          line: (event) => response.write(`${JSON.stringify(event)}\n`),
          text: (some) => response.write(some),
          end: () => response.end(),
          cut: () => request.socket.destroy(),
        })
        return
      }
      response.end(typeof body === 'string' ? body : JSON.stringify(body))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const kubeconfig = join(mkdtempSync(join(tmpdir(), 'refit-kubeconfig-')), 'config')
  writeFileSync(kubeconfig, kubeconfigOf(`http://127.0.0.1:${(server.address() as AddressInfo).port}`))
  const kubernetes = createKubernetes({ kubeconfig })
  return {
    kubernetes,
    kubeconfig,
    asked,
    answer: (next) => {
      asked.length = 0
      handler = next
    },
    async close() {
      await kubernetes.close()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

export const kubeconfigOf = (server: string): string => `apiVersion: v1
kind: Config
current-context: test
contexts: [{ name: test, context: { cluster: test, user: test } }]
clusters: [{ name: test, cluster: { server: '${server}', insecure-skip-tls-verify: true } }]
users: [{ name: test, user: { token: very-secret } }]
`
