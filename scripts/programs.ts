import { execFileSync } from 'node:child_process'
import { findProgram } from '../stack/run'

/** Programs that tests need beside Node and Go, and the Debian packages that bring them. */
const needed: Record<string, string> = {
  java: 'default-jdk-headless',
  mvn: 'maven',
  chromium: 'chromium',
  mariadbd: 'mariadb-server-core',
}

/** Installs what is missing where that can be done without asking (root on Debian); else says which packages to install. */
export function ensurePrograms(say: (line: string) => void): void {
  const packages = Object.entries(needed)
    .filter(([program]) => findProgram(program) === undefined)
    .map(([, name]) => name)
  if (packages.length === 0) return
  if (process.getuid?.() !== 0 || findProgram('apt-get') === undefined)
    throw new Error(
      `Install ${packages.join(', ')} first: the tests run the time-skipping Temporal server (Java), a browser and MariaDB.`,
    )
  say(`Installing ${packages.join(', ')} …`)
  execFileSync('apt-get', ['update', '-qq'], { stdio: ['ignore', 2, 2] })
  execFileSync('apt-get', ['install', '-y', '-qq', '--no-remove', '--no-install-recommends', ...packages], {
    stdio: ['ignore', 2, 2],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  })
}
