import { spawn } from 'node:child_process'
import { hostname, userInfo } from 'node:os'
import { createInterface } from 'node:readline/promises'

/** Everything the CLI knows of the process that it runs in; tests hand in their own. */
export interface Io {
  env: NodeJS.ProcessEnv
  /** somebody is there to answer a question */
  isTerminal: boolean
  /** stdout understands colours */
  isColorful: boolean
  /** columns of stdout; undefined when it isn't a terminal, so that nothing is wrapped */
  width: number | undefined
  out: (text: string) => void
  err: (text: string) => void
  /** asks on stderr, so that stdout holds data only */
  ask(question: string): Promise<string>
  /** who runs this, as far as the operating system says: user@host */
  user(): string
  now(): Date
  /** fires once somebody presses Ctrl-C (or the process is told to stop), which then no longer ends the process */
  interrupted(): AbortSignal
  /** runs this same program beside this process, with other arguments */
  startSelf(args: readonly string[], env: NodeJS.ProcessEnv): Beside
}

/** A process of this program that was started beside this one. */
export interface Beside {
  /** undefined while it runs; then the end of what it wrote to stderr */
  ended(): string | undefined
  /** asks it to end, and waits until it has */
  stop(): Promise<void>
}

/** The Io of this process. */
export function processIo(): Io {
  const { env, stdin, stdout, stderr } = process
  // A reader such as `head` may go away first; that is no failure of ours.
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })
  return {
    env,
    isTerminal: stdin.isTTY === true && stderr.isTTY === true,
    isColorful: stdout.isTTY === true && env.TERM !== 'dumb',
    width: stdout.isTTY ? stdout.columns : undefined,
    out: (text) => void stdout.write(text),
    err: (text) => void stderr.write(text),
    ask,
    user: () => `${userName()}@${hostname()}`,
    now: () => new Date(),
    interrupted: () => {
      const stop = new AbortController()
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())
      return stop.signal
    },
    startSelf,
  }
}

const lastWords = 2_000

function startSelf(args: readonly string[], env: NodeJS.ProcessEnv): Beside {
  const self = [...process.execArgv, process.argv[1] ?? '', ...args]
  const child = spawn(process.execPath, self, { env, stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => void (said = `${said}${chunk.toString('utf8')}`.slice(-lastWords)))
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()))
  return {
    ended: () => (child.exitCode === null && child.signalCode === null ? undefined : said),
    async stop() {
      child.kill()
      await closed
    },
  }
}

async function ask(question: string): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  const closed = new Promise<string>((resolve) => lines.once('close', () => resolve('')))
  try {
    return await Promise.race([lines.question(question), closed])
  } finally {
    lines.close()
  }
}

/** A container may run under a user id that has no name. */
function userName(): string {
  try {
    return userInfo().username
  } catch {
    return `uid-${process.getuid?.() ?? 'unknown'}`
  }
}
