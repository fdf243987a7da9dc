import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Stack } from '../stack'

export interface RefitSettings {
  configFile: string
  /** everything Refit reads from its environment */
  env: NodeJS.ProcessEnv
  logFile: string
  /** host and port of the worker's health server */
  healthAddress: string
  /** Node's arguments up to those of the CLI: `built` unless told otherwise */
  program?: readonly string[]
}

const root = join(__dirname, '..')
const built = [join(root, 'dist/src/cli.js')]
/** Needs no build; starts slower. */
export const sources: readonly string[] = ['--import', require.resolve('tsx'), join(root, 'src/cli.ts')]

const startsWithinMs = 120_000

/** Refit, run as a user runs it: a worker process that can be killed, and commands. */
export class Refit {
  private worker: ChildProcess | undefined

  constructor(private readonly settings: RefitSettings) {}

  /** Starts the worker and waits until it polls. */
  async startWorker(): Promise<number> {
    const log = openSync(this.settings.logFile, 'a')
    const env = { ...this.settings.env, REFIT_HEALTH_ADDRESS: this.settings.healthAddress }
    const worker = spawn(process.execPath, [...this.program, 'worker', '--config', this.settings.configFile], {
      cwd: root,
      stdio: ['ignore', log, log],
      env,
    })
    this.worker = worker
    for (const deadline = Date.now() + startsWithinMs; !(await this.ready());) {
      if (worker.exitCode !== null) throw new Error(`the worker ended with ${worker.exitCode}: ${this.lastWords()}`)
      if (Date.now() > deadline) throw new Error(`the worker does not get ready: ${this.lastWords()}`)
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
    return worker.pid ?? 0
  }

  get isRunning(): boolean {
    return this.worker?.exitCode === null && this.worker.signalCode === null
  }

  /** what all workers so far have logged */
  log(): string {
    return readFileSync(this.settings.logFile, 'utf8')
  }

  private lastWords(): string {
    return this.log().slice(-2_000)
  }

  private get program(): readonly string[] {
    return this.settings.program ?? built
  }

  /** kill -9: the process has no chance to say goodbye. */
  async killWorker(): Promise<void> {
    await this.stopWorker('SIGKILL')
  }

  /** Returns the exit code; null when a signal ended it, or none ran. */
  async stopWorker(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    const worker = this.worker
    if (!worker || !this.isRunning) return null
    const closed = once(worker, 'close')
    worker.kill(signal)
    await closed
    return worker.exitCode
  }

  /** Runs one command of the CLI; a refusal is an answer, not an error. */
  run(...args: string[]): Promise<Answered> {
    return runCommand(
      process.execPath,
      [...this.program, '--config', this.settings.configFile, ...args],
      this.settings.env,
    )
  }

  private async ready(): Promise<boolean> {
    try {
      return (await fetch(`http://${this.settings.healthAddress}/readyz`, { signal: AbortSignal.timeout(1_000) })).ok
    } catch {
      return false
    }
  }
}

/** What Refit reads from its environment on a local stack. Only what the stack made: nothing of the user's own is used. */
export function refitEnvironment(stack: Stack): NodeJS.ProcessEnv {
  const { PATH, HOME } = process.env
  return {
    PATH,
    HOME,
    REGISTRY: stack.registry.host,
    DATABASE_URL: stack.postgres.url('refit'),
    REFIT_KUBECONFIG: stack.kubernetes.kubeconfig,
    TEMPORAL_ADDRESS: stack.temporal.address,
    TEMPORAL_NAMESPACE: stack.temporal.namespace,
    TEMPORAL_UI_URL: stack.temporal.webUi,
    REFIT_BY: 'ops@example.org',
  }
}

/** What a command that ended said; `output` is its standard output and its errors. */
export interface Answered {
  code: number
  stdout: string
  output: string
}

/** Runs a program to its end. */
export function runCommand(
  program: string,
  args: string[],
  env: NodeJS.ProcessEnv,
  cwd = process.cwd(),
): Promise<Answered> {
  return new Promise((resolve) => {
    execFile(program, args, { env, cwd, timeout: 120_000, maxBuffer: 8 * 1024 * 1024 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1
      resolve({ code, stdout, output: `${stdout}${stderr}`.trim() })
    })
  })
}
