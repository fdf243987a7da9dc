import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { withLock } from './lock'
import { cacheRoot } from './paths'
import { elapsed, ticking, timed } from './progress'
import { findProgram, run } from './run'
import { StackError, type Progress } from './types'

const project = join(__dirname, 'maven', 'pom.xml')
const label = 'time-skipping Temporal test server'

/**
 * The time-skipping Temporal test server, downloaded once into the cache.
 *
 * @returns path of a program to give to `TestWorkflowEnvironment` as `{ type: 'existing-path', path }`
 * @throws StackError if Java is missing, or Maven when it has to be downloaded
 */
export async function timeSkippingServer(progress: Progress = timed()): Promise<string> {
  const folder = join(cacheRoot(), 'bin', `temporal-test-server-${version()}`)
  const program = join(folder, 'temporal-test-server')
  demand('java')
  if (!existsSync(program)) {
    const onWait = (holder: string) => progress(`waiting for ${holder}`)
    const purpose = 'another launcher that downloads'
    await withLock(join(cacheRoot(), 'test-server.lock'), purpose, { timeout: 10 * 60_000, onWait }, async () => {
      if (!existsSync(program)) await download(folder, progress)
    })
  }
  return program
}

async function download(folder: string, progress: Progress): Promise<void> {
  demand('mvn')
  const start = Date.now()
  const unfinished = `${folder}.${process.pid}.unfinished`
  progress(`${label}: downloading 38 MB with Maven`)
  const output = `-DoutputDirectory=${join(unfinished, 'lib')}`
  const goal = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies'
  await ticking(progress, label, () => run('mvn', ['-q', '-B', '-f', project, goal, output]))
  mkdirSync(unfinished, { recursive: true })
  const wrapper = join(unfinished, 'temporal-test-server')
  // It has to be exec: the SDK kills its direct child.
  const java = 'exec java -Xmx512m -cp "$(dirname "$0")/lib/*" io.temporal.testserver.TestServer "$@"'
  writeFileSync(wrapper, `#!/bin/sh\n${java}\n`)
  chmodSync(wrapper, 0o755)
  rmSync(folder, { recursive: true, force: true })
  renameSync(unfinished, folder)
  progress(`${label}: ready after ${elapsed(start)}`)
}

function version(): string {
  const found = /<artifactId>temporal-test-server<\/artifactId>\s*<version>([^<]+)</.exec(readFileSync(project, 'utf8'))
  if (!found?.[1]) throw new Error(`${project} does not pin temporal-test-server`)
  return found[1]
}

function demand(name: 'java' | 'mvn'): void {
  if (findProgram(name)) return
  throw new StackError(
    `${name} is missing: the ${label} needs Java and Maven. On Debian:\n` +
      '  apt-get install --no-install-recommends default-jdk-headless maven',
  )
}
