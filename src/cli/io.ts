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
