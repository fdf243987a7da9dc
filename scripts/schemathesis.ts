/** schemathesis, in a Python environment of its own. */
import { execFileSync, spawn } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cacheRoot } from '../stack/paths'

const version = '4.32.5'

/** The program, installed from PyPI where it isn't there yet. Needs Python 3.10. */
export function ensureSchemathesis(say: (line: string) => void): string {
  const folder = join(cacheRoot(), 'schemathesis')
  const program = join(folder, 'bin/schemathesis')
  if (existsSync(program)) return program
  say(`Installing schemathesis ${version} …`)
  const options = { stdio: ['ignore', 2, 2] as ['ignore', number, number] }
  execFileSync('python3', ['-m', 'venv', folder], options)
  execFileSync(join(folder, 'bin/pip'), ['install', '--quiet', `schemathesis==${version}`], options)
  return program
}

interface Run {
  program: string
  url: string
  secret: string
  /** at most, of each operation */
  cases: number
  /** altogether, at most */
  seconds: number
  folder: string
  /** path parameters that are always these */
  known: Readonly<Record<string, string>>
  /** only this path */
  only?: string
}

/** It learns ids from answers, and would end the token with which it asks: that path is asked on its own. */
export const endsTokens = '/api/v1/tokens/{id}/revoke'

/** Runs it over the whole document but for what never ends and `endsTokens`, or over one path; its exit code. */
export function runSchemathesis({ program, url, secret, cases, seconds, folder, known, only }: Run): Promise<number> {
  const config = join(folder, 'schemathesis.toml')
  const lines = Object.entries(known).map(([name, value]) => `"path.${name}" = ${JSON.stringify(value)}`)
  writeFileSync(config, lines.length > 0 ? `[parameters]\n${lines.join('\n')}\n` : '')
  const child = spawn(
    program,
    [
      ...['--config-file', config, 'run', `${url}/openapi.json`, '--url', url],
      ...['--header', `Authorization: Bearer ${secret}`],
      ...['--checks', 'status_code_conformance,content_type_conformance,response_schema_conformance'],
      ...['--phases', 'examples,coverage,fuzzing', '--max-examples', String(cases), '--workers', '1'],
      ...['--max-time', String(seconds), '--continue-on-failure'],
      // Made-up tokens would only be told to wait.
      ...['--generation-with-security-parameters', 'false'],
      // A stream never ends.
      ...(only ? ['--include-path', only] : ['--exclude-path', '/api/v1/changes', '--exclude-path', endsTokens]),
      ...['--no-color', '--request-timeout', '20'],
      ...['--generation-database', 'none'],
    ],
    { cwd: folder, stdio: ['ignore', 2, 2] },
  )
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('exit', (code) => resolve(code ?? 1))
  })
}
