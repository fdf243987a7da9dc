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
}

const cli = join(__dirname, '../dist/src/cli.js')

/** The built Refit, run as a user runs it: a worker process that can be killed, and commands. */
export class Refit {
  private worker: ChildProcess | undefined

  constructor(private readonly settings: RefitSettings) {}

  /** Starts the worker and waits until it polls. */
  async startWorker(): Promise<number> {
    const log = openSync(this.settings.logFile, 'a')
    const env = { ...this.settings.env, REFIT_HEALTH_ADDRESS: this.settings.healthAddress }
    const worker = spawn(process.execPath, [cli, 'worker', '--config', this.settings.configFile], {
      stdio: ['ignore', log, log],
      env,
    })
    this.worker = worker
    while (!(await this.ready())) {
      if (worker.exitCode !== null)
        throw new Error(
          `the worker ended with ${worker.exitCode}: ${readFileSync(this.settings.logFile, 'utf8').slice(-2_000)}`,
        )
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
    return worker.pid ?? 0
  }

  /** kill -9: the process has no chance to say goodbye. */
  async killWorker(): Promise<void> {
    await this.stopWorker('SIGKILL')
  }

  async stopWorker(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const worker = this.worker
    if (!worker || worker.exitCode !== null || worker.signalCode !== null) return
    const closed = once(worker, 'close')
    worker.kill(signal)
    await closed
  }

  /** Runs one command of the CLI; a refusal is an answer, not an error. */
  run(...args: string[]): Promise<{ code: number; output: string }> {
    return runCommand(process.execPath, [cli, '--config', this.settings.configFile, ...args], this.settings.env)
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

/** Runs a program to its end; returns its exit code and what it printed on both outputs. */
export function runCommand(
  program: string,
  args: string[],
  env: NodeJS.ProcessEnv,
): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    execFile(program, args, { env, timeout: 120_000, maxBuffer: 8 * 1024 * 1024 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1
      resolve({ code, output: `${stdout}${stderr}`.trim() })
    })
  })
}
