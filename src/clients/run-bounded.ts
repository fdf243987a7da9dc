import { spawn } from 'node:child_process'

const maxOutput = 65_536

export type Ended =
  { kind: 'exited'; code: number; stdout: string } | { kind: 'lost'; /** `did not end …` */ why: string }

/**
 * Runs a program without a shell, with this environment and nothing else, and ends it with all that it started at the time
 * limit. Never throws; keeps the end of what it prints.
 */
export async function runBounded(
  program: string,
  rest: string[],
  { env, timeoutMs }: { env: NodeJS.ProcessEnv; timeoutMs: number },
): Promise<Ended> {
  const child = spawn(program, rest, { env, stdio: ['ignore', 'pipe', 'ignore'], detached: true })
  let stdout = ''
  child.stdout.on('data', (chunk: Buffer) => (stdout = `${stdout}${chunk.toString()}`.slice(-maxOutput)))
  let isLate = false
  const timer = setTimeout(() => {
    isLate = true
    kill(child.pid)
  }, timeoutMs)
  try {
    return await new Promise<Ended>((resolve) => {
      child.once('error', (error: NodeJS.ErrnoException) =>
        resolve({ kind: 'lost', why: `can't be started (${error.code ?? 'unknown'})` }),
      )
      child.once('close', (code, signal) => {
        if (isLate) resolve({ kind: 'lost', why: `did not end within ${timeoutMs / 1_000} s` })
        else if (code === null) resolve({ kind: 'lost', why: `was stopped by ${signal}` })
        else resolve({ kind: 'exited', code, stdout })
      })
    })
  } finally {
    clearTimeout(timer)
  }
}

/** Its process group: what it started may hold the pipe open. */
function kill(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It has just ended.
  }
}
