import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { sources } from '../../demo/refit'
import type { SimulatedHub } from '../support/simulated-hub'

const startsWithinMs = 60_000

/** `refit server` as a process of its own, at an address that stays the same when it is started again. */
export class RefitServer {
  private process: ChildProcess | undefined

  private constructor(
    private readonly hub: SimulatedHub,
    readonly url: string,
    private readonly logFile: string,
  ) {}

  /** `url`: on this machine, with a free port */
  static async started(hub: SimulatedHub, url: string): Promise<RefitServer> {
    const server = new RefitServer(hub, url, join(hub.stack.stateDir, 'logs/refit-server.log'))
    await server.start()
    return server
  }

  async start(): Promise<void> {
    const log = openSync(this.logFile, 'a')
    const args = [...sources, '--config', this.hub.configFile, 'server', '--listen', this.url.replace('http://', '')]
    const child = spawn(process.execPath, args, { stdio: ['ignore', log, log], env: this.hub.env })
    this.process = child
    for (const deadline = Date.now() + startsWithinMs; !(await this.isReady());) {
      if (child.exitCode !== null) throw new Error(`the server ended: ${this.log().slice(-2_000)}`)
      if (Date.now() > deadline) throw new Error(`the server does not get ready: ${this.log().slice(-2_000)}`)
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const child = this.process
    this.process = undefined
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const closed = once(child, 'close')
    child.kill(signal)
    await closed
  }

  log = (): string => readFileSync(this.logFile, 'utf8')

  private async isReady(): Promise<boolean> {
    try {
      return (await fetch(`${this.url}/readyz`, { signal: AbortSignal.timeout(1_000) })).ok
    } catch {
      return false
    }
  }
}
