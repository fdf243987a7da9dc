/** What the bench of memory runs on beside Refit: made-up services, a server process, a receiver of alerts. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { openSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { rounded } from './median'

const servicesPerNamespace = 10

export interface MadeUpService {
  namespace: string
  name: string
  repository: string
}

export const servicesOf = (count: number): MadeUpService[] =>
  Array.from({ length: count }, (_, index) => ({
    namespace: `hub-${Math.floor(index / servicesPerNamespace)}`,
    name: `service-${index}`,
    repository: `hub/service-${index}`,
  }))

export const configText = (
  namespaces: readonly string[],
  receiver: string,
): string => `hub: { name: bench, environment: bench }
scan: { every: 300d }
registries: [{ host: "\${REGISTRY}", insecure: true }]
policies:
  - name: all
    select: { namespaces: [${[...new Set(namespaces)].join(', ')}], images: ['*/hub/*'] }
    mode: approve
    approval: { required: 1, unverified: accept }
    rollout: { bake: 0s, stall: 10s, deadline: 30s, graces: { crashLoop: 0s } }
alerts: [{ webhook: "${receiver}", signedWith: "\${ALERT_KEY}", on: [action, page], allowPrivate: true }]
`

/** The built server, once it is ready. */
export async function startServer(of: {
  configFile: string
  env: NodeJS.ProcessEnv
  address: string
  logFile: string
}): Promise<ChildProcess> {
  const log = openSync(of.logFile, 'a')
  const program = join(__dirname, '../dist/src/cli.js')
  const child = spawn(process.execPath, [program, '--config', of.configFile, 'server', '--listen', of.address], {
    stdio: ['ignore', log, log],
    env: of.env,
  })
  await until(async () => {
    if (child.exitCode !== null) throw new Error(`the server ended: ${await readFile(of.logFile, 'utf8')}`)
    return fetch(`http://${of.address}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    )
  }, 'the server is ready')
  return child
}

/** Takes alerts. */
export async function receiver(): Promise<{ url: string; count(): number; close(): Promise<void> }> {
  let count = 0
  const server = createServer((request, response) => {
    request.resume().once('end', () => {
      count += 1
      response.writeHead(204).end()
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const close = async (): Promise<void> => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  return { url: `http://127.0.0.1:${port}/alerts`, count: () => count, close }
}

/** Memory of a process that is in use. */
export async function residentMiB(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return rounded(Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) / 1024, 1)
}

/** What V8 uses of its heap, as the process says itself. */
export async function heapMiB(url: string): Promise<number> {
  const text = await (await fetch(url)).text()
  return rounded(Number(/^nodejs_heap_size_used_bytes\S*\s+(\d+)/m.exec(text)?.[1] ?? NaN) / 1_048_576, 1)
}

/** Waits for a condition by asking. */
export async function until<T>(look: () => Promise<T | false>, what: string): Promise<T> {
  for (const begun = Date.now(); ;) {
    const answer = await look()
    if (answer) return answer
    if (Date.now() - begun > 600_000) throw new Error(`waited ten minutes in vain until ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 250))
  }
}
