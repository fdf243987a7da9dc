import { spawn } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { join } from 'node:path'
import { searchPath } from './process'

export interface RunOptions {
  env?: Record<string, string | undefined>
  cwd?: string
  input?: string
  uid?: number
  gid?: number
  /** Return instead of throwing when the exit code isn't 0. */
  allowFailure?: boolean
  /** Gets standard error as it comes. */
  onStderr?: (chunk: string) => void
}

export interface RunResult {
  code: number
  stdout: string
  stderr: string
}

/** Runs a program to its end. @throws with the last lines of its output when it fails */
export function run(file: string, args: string[], options: RunOptions = {}): Promise<RunResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      cwd: options.cwd,
      uid: options.uid,
      gid: options.gid,
      env: { ...process.env, KUBECONFIG: undefined, DATABASE_URL: undefined, PATH: searchPath(), ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    let [stdout, stderr] = ['', '']
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString()
      options.onStderr?.(chunk.toString())
    })
    child.on('error', reject)
    child.on('close', (exit) => {
      const code = exit ?? 1
      if (code === 0 || options.allowFailure) return resolve({ code, stdout, stderr })
      const output = `${stdout}\n${stderr}`.trim().split('\n').slice(-15).join('\n')
      reject(new Error(`${file} ${args.join(' ')} failed with exit code ${code}:\n${output}`))
    })
    child.stdin.on('error', () => undefined)
    child.stdin.end(options.input ?? '')
  })
}

/** Path of a program, searched on PATH and in the administrator's folders. */
export function findProgram(name: string): string | undefined {
  return searchPath()
    .split(':')
    .map((folder) => join(folder, name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK)
        return true
      } catch {
        return false
      }
    })
}
