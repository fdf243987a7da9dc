import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import getPort from 'get-port'
import { buildBinaries } from '../../stack'

export interface RealRegistry {
  /** `127.0.0.1:port` */
  host: string
  /** PUTs an image index without platforms, the smallest thing that has a tag; its status */
  push(repository: string, tag: string, authorization: string): Promise<number>
  close(): Promise<void>
}

const index = 'application/vnd.oci.image.index.v1+json'

/** The real registry with this `auth` in its configuration, on this machine only. `files` are named by `FOLDER/…` in it. */
export async function startRealRegistry(auth: object, files: Record<string, string>): Promise<RealRegistry> {
  const { registry: program = '' } = await buildBinaries(['registry'], () => undefined)
  const folder = mkdtempSync(join(tmpdir(), 'refit-registry-'))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text, { mode: 0o600 })
  const host = `127.0.0.1:${await getPort({ host: '127.0.0.1' })}`
  const config = JSON.stringify({
    version: '0.1',
    log: { level: 'error', accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: join(folder, 'data') } },
    http: { addr: host },
    auth,
  }).replaceAll('FOLDER', folder)
  writeFileSync(join(folder, 'config.yaml'), config)
  const registry = spawn(program, ['serve', join(folder, 'config.yaml')], {
    env: { OTEL_TRACES_EXPORTER: 'none' },
    stdio: 'ignore',
  })
  await whenItAnswers(registry, host)
  return {
    host,
    async push(repository, tag, authorization) {
      const body = JSON.stringify({ schemaVersion: 2, mediaType: index, manifests: [], annotations: { tag } })
      const url = `http://${host}/v2/${repository}/manifests/${tag}`
      return (await fetch(url, { method: 'PUT', headers: { 'content-type': index, authorization }, body })).status
    },
    async close() {
      const ended = new Promise((resolve) => registry.once('exit', resolve))
      registry.kill('SIGKILL')
      await ended
      rmSync(folder, { recursive: true })
    },
  }
}

async function whenItAnswers(registry: ChildProcess, host: string): Promise<void> {
  for (const end = Date.now() + 15_000; Date.now() < end;) {
    if (registry.exitCode !== null) throw new Error(`the registry ended with ${registry.exitCode}`)
    // 401 is an answer, too.
    if (
      await fetch(`http://${host}/v2/`).then(
        () => true,
        () => false,
      )
    )
      return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error('the registry did not start')
}
