import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import getPort from 'get-port'
import { bundle, type Files } from '../../examples/hub/image/bundle'
import { findRelease } from '../../examples/hub/releases'
import { down, up, type PartName, type Stack } from '../../stack'

export interface Running {
  url: string
  child: ChildProcess
  output: () => string
  /** SIGTERM; resolves with the exit code */
  stop: () => Promise<number | null>
}

/** A stack of its own for one test file; the returned function removes it. */
export async function testStack(parts: PartName[]): Promise<{ stack: Stack; remove: () => Promise<void> }> {
  const name = `test-hub-${process.pid}`
  const progress = () => undefined
  const stack = await up({ name, node: 'simulated', parts, yes: true, progress })
  return { stack, remove: () => down(name, { purge: true, progress }) }
}

/** Releases as programs on this machine, as their images hold them; and their processes, ended by `close`. */
export class Programs {
  private readonly folders: string[] = []
  private readonly running: ChildProcess[] = []

  constructor(private readonly databaseUrl: string) {}

  /** Runs a command such as `migrate` to its end. */
  async run(
    release: string,
    args: string[],
    env: Record<string, string> = {},
  ): Promise<{ code: number; output: string }> {
    const { child, output } = await this.spawn(release, args, env)
    const [code] = (await once(child, 'close')) as [number]
    return { code, output: output() }
  }

  /** Starts a service and waits until its `path` answers 200. */
  async start(
    release: string,
    args: string[] = [],
    env: Record<string, string> = {},
    path = '/ready',
  ): Promise<Running> {
    const port = await getPort({ host: '127.0.0.1' })
    const { child, output } = await this.spawn(release, args, { PORT: String(port), DRAIN_SECONDS: '0', ...env })
    const url = `http://127.0.0.1:${port}`
    await until(async () => (await fetch(url + path)).ok, `${release} ${path}`, output)
    const stop = async () => {
      child.kill('SIGTERM')
      if (child.exitCode === null) await once(child, 'close')
      return child.exitCode
    }
    return { url, child, output, stop }
  }

  async close(): Promise<void> {
    for (const child of this.running) if (child.exitCode === null) child.kill('SIGKILL')
    for (const folder of this.folders) await rm(folder, { recursive: true, force: true })
  }

  private async spawn(release: string, args: string[], env: Record<string, string>) {
    const folder = await mkdtemp(join(tmpdir(), 'hub-'))
    this.folders.push(folder)
    for (const [path, content] of Object.entries(await files(release))) {
      await mkdir(dirname(join(folder, path)), { recursive: true })
      await writeFile(join(folder, path), content)
    }
    const program = join(folder, `${findRelease(release).service}.js`)
    const child = spawn(process.execPath, [program, ...args], {
      env: { DATABASE_URL: this.databaseUrl, POD_NAME: `pod-${this.running.length}`, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.running.push(child)
    let text = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()))
    return { child, output: () => text }
  }
}

const bundles = new Map<string, Promise<Files>>()

function files(release: string): Promise<Files> {
  const made = bundles.get(release) ?? bundle(findRelease(release))
  bundles.set(release, made)
  return made
}

/** Waits until the condition holds; a throwing condition doesn't hold yet. */
export async function until(
  holds: () => Promise<boolean> | boolean,
  what: string,
  details = () => '',
  ms = 15_000,
): Promise<void> {
  for (const deadline = Date.now() + ms; Date.now() < deadline; await sleep(50)) {
    if (
      await Promise.resolve()
        .then(holds)
        .catch(() => false)
    )
      return
  }
  throw new Error(`timed out waiting for ${what}\n${details()}`)
}

/** Sends JSON; returns status and parsed answer. */
export async function post(url: string, body: unknown): Promise<{ status: number; body: Record<string, unknown> }> {
  const headers = { 'Content-Type': 'application/json' }
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

/** Reads JSON; returns status and parsed answer. */
export async function get(url: string): Promise<{ status: number; body: Record<string, unknown> }> {
  const response = await fetch(url)
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}
