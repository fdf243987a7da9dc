import { spawnSync } from 'node:child_process'

/** What `npm audit` brought: nothing known, flaws, or no answer. */
export type Audit =
  | { kind: 'clean' }
  | { kind: 'flaws'; lines: string[] }
  /** the service could not be asked: nothing is known, which is not the same as nothing found */
  | { kind: 'unknown'; why: string }

/** From where a flaw in what Refit ships stops a release. */
const level = 'high'
const timeout = 60_000

interface Answer {
  error?: { code?: string; summary?: string }
  message?: string
  vulnerabilities?: Record<
    string,
    { name: string; severity: string; via: (string | { title?: string; url?: string })[]; range: string }
  >
}

/**
 * Asks the registry that npm is set up with for known flaws of what is shipped (names of packages), not of tools that only
 * build and test.
 */
export function audit(folder: string, shipped: ReadonlySet<string>, more: readonly string[] = []): Audit {
  const args = ['audit', '--json', `--audit-level=${level}`, '--fetch-retries=1', ...more]
  const { stdout, stderr, error } = spawnSync('npm', args, {
    cwd: folder,
    encoding: 'utf8',
    timeout,
    maxBuffer: 32 * 1024 * 1024,
  })
  if (error) return { kind: 'unknown', why: error.message }
  return read(stdout, shipped) ?? { kind: 'unknown', why: lastLine(stderr) || 'npm audit said nothing' }
}

function read(stdout: string, shipped: ReadonlySet<string>): Audit | undefined {
  let answer: Answer
  try {
    answer = JSON.parse(stdout) as Answer
  } catch {
    return undefined
  }
  const { vulnerabilities, error, message } = answer
  if (!vulnerabilities)
    return { kind: 'unknown', why: error?.summary || message || error?.code || 'no list of flaws in the answer' }
  const lines = Object.values(vulnerabilities)
    .filter(({ name, severity }) => shipped.has(name) && (severity === 'high' || severity === 'critical'))
    .map(({ name, severity, range, via }) => {
      const named = via.flatMap((each) =>
        typeof each === 'string' ? [] : [`${each.title ?? ''} ${each.url ?? ''}`.trim()],
      )
      return `${name} ${range}: ${severity}${named.length > 0 ? `, ${named.join('; ')}` : ''}`
    })
  return lines.length > 0 ? { kind: 'flaws', lines } : { kind: 'clean' }
}

const lastLine = (text: string): string => text.trim().split('\n').at(-1) ?? ''
