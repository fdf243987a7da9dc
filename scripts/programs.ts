import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { cacheRoot } from '../stack/paths'
import { findProgram } from '../stack/run'

/** Programs that tests need beside Node and Go, and the Debian packages that bring them. */
const needed: Record<string, string> = {
  java: 'default-jdk-headless',
  mvn: 'maven',
  chromium: 'chromium',
  mariadbd: 'mariadb-server-core',
  git: 'git',
}

const unpacked = (): string => join(cacheRoot(), 'prometheus')

/** Prometheus: on PATH, or unpacked from Debian's package; undefined when there is none. */
export function prometheusProgram(): string | undefined {
  const ours = join(unpacked(), 'usr/bin/prometheus')
  return findProgram('prometheus') ?? (existsSync(ours) ? ours : undefined)
}

/** What checks rules; it comes with Prometheus. */
export function promtoolProgram(): string | undefined {
  const ours = join(unpacked(), 'usr/bin/promtool')
  return findProgram('promtool') ?? (existsSync(ours) ? ours : undefined)
}

/** Installing the package would start a server; it is unpacked into the cache instead, which needs no root. */
export function ensurePrometheus(say: (line: string) => void): void {
  if (prometheusProgram() !== undefined) return
  if (findProgram('apt-get') === undefined) throw new Error('Install prometheus first: the tests ask a real one.')
  say('Unpacking prometheus …')
  const folder = unpacked()
  mkdirSync(folder, { recursive: true })
  const options = { cwd: folder, stdio: ['ignore', 2, 2] as ['ignore', number, number] }
  if (process.getuid?.() === 0) execFileSync('apt-get', ['update', '-qq'], options)
  execFileSync('apt-get', ['download', '-qq', 'prometheus'], options)
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.deb')))
    execFileSync('dpkg', ['-x', file, folder], options)
}

/** Installs what is missing where that can be done without asking (root on Debian); else says which packages to install. */
export function ensurePrograms(say: (line: string) => void): void {
  const packages = Object.entries(needed)
    .filter(([program]) => findProgram(program) === undefined)
    .map(([, name]) => name)
  if (packages.length === 0) return
  if (process.getuid?.() !== 0 || findProgram('apt-get') === undefined)
    throw new Error(
      `Install ${packages.join(', ')} first: the tests run the time-skipping Temporal server (Java), a browser, MariaDB and Git.`,
    )
  say(`Installing ${packages.join(', ')} …`)
  execFileSync('apt-get', ['update', '-qq'], { stdio: ['ignore', 2, 2] })
  execFileSync('apt-get', ['install', '-y', '-qq', '--no-remove', '--no-install-recommends', ...packages], {
    stdio: ['ignore', 2, 2],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  })
}
