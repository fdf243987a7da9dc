import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { openSync } from 'node:fs'

interface Started {
  program: string
  configFile: string
  env: NodeJS.ProcessEnv
  logFile: string
}

/** Before a process that ended by itself is started again. */
const restartMs = 300
const readyWithinMs = 60_000

/** Keeps one worker running, as Kubernetes does: whenever it ends, by a kill or by itself, the next one starts. */
export class Supervisor {
  private child: ChildProcess | undefined
  private stopped = true
  /** exits that nobody asked for, by how: a signal or an exit code */
  readonly exits: Record<string, number> = {}

  constructor(private readonly started: Started) {}

  start(): void {
    this.stopped = false
    this.spawn()
  }

  /** `env`: of the next workers */
  set env(env: NodeJS.ProcessEnv) {
    this.started.env = env
  }

  get env(): NodeJS.ProcessEnv {
    return this.started.env
  }

  get pid(): number | undefined {
    return this.child?.pid
  }

  /** Once the worker polls, or a minute is over. */
  async ready(): Promise<void> {
    const url = `http://${this.started.env.REFIT_HEALTH_ADDRESS}/readyz`
    for (const until = Date.now() + readyWithinMs; Date.now() < until;) {
      const isReady = await fetch(url, { signal: AbortSignal.timeout(1_000) }).then(
        ({ ok }) => ok,
        () => false,
      )
      if (isReady) return
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
  }

  /** As a crash does; the next one starts at once. */
  kill(): void {
    this.child?.kill('SIGKILL')
  }

  async stop(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    this.stopped = true
    const { child } = this
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const closed = once(child, 'close')
    child.kill(signal)
    await closed
  }

  private spawn(): void {
    const { program, configFile, env, logFile } = this.started
    const log = openSync(logFile, 'a')
    const child = spawn(process.execPath, [program, configFile], { stdio: ['ignore', log, log], env })
    this.child = child
    child.once('exit', (code, signal) => {
      if (this.stopped || this.child !== child) return
      const how = signal ?? `exit ${code}`
      this.exits[how] = (this.exits[how] ?? 0) + 1
      setTimeout(() => !this.stopped && this.spawn(), signal ? 0 : restartMs)
    })
  }
}
