import { spawn } from 'node:child_process'

const keptOutput = 65_536

export type Ended =
  | { kind: 'exited'; code: number; stdout: string; stderr: string }
  | { kind: 'lost'; /** `did not end …` */ why: string }

interface Bounds {
  env: NodeJS.ProcessEnv
  timeoutMs: number
  input?: string
  maxOutput?: number
}

/**
 * Runs a program without a shell, with this environment and nothing else, and ends it with all that it started at the time
 * limit. Never throws; keeps the end of what it prints, 64 KiB unless `maxOutput` (characters) says otherwise. `input` is
 * what it reads.
 */
export async function runBounded(
  program: string,
  rest: string[],
  { env, timeoutMs, input, maxOutput = keptOutput }: Bounds,
): Promise<Ended> {
  const child = spawn(program, rest, { env, stdio: 'pipe', detached: true })
  let [stdout, stderr] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout = `${stdout}${text}`.slice(-maxOutput)))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr = `${stderr}${text}`.slice(-keptOutput)))
  // One that ends without reading is no error.
  child.stdin.on('error', () => undefined).end(input ?? '')
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
        else resolve({ kind: 'exited', code, stdout, stderr })
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
