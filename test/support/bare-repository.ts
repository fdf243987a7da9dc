import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile, chmod } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const identity = { GIT_AUTHOR_NAME: 'ops', GIT_AUTHOR_EMAIL: 'ops@example.org' }
const env = {
  PATH: process.env.PATH,
  HOME: '/nowhere',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  ...identity,
  GIT_COMMITTER_NAME: identity.GIT_AUTHOR_NAME,
  GIT_COMMITTER_EMAIL: identity.GIT_AUTHOR_EMAIL,
}

/** A real bare repository with one branch, main, and a person who works on it. */
export interface BareRepository {
  path: string
  /** commits these files on top of the tip; null deletes one. Returns the commit. */
  commit(files: Record<string, string | Buffer | null>, message?: string): Promise<string>
  /** the file at the tip */
  read(file: string): Promise<string>
  tip(): Promise<string>
  /** messages from the first commit to the last */
  log(): Promise<string[]>
  git(...args: string[]): Promise<string>
  /** a hook of the server, as a shell script */
  hook(name: string, script: string): Promise<void>
  remove(): Promise<void>
}

export async function bareRepository(files: Record<string, string>): Promise<BareRepository> {
  const folder = await mkdtemp(join(tmpdir(), 'refit-bare-'))
  const path = join(folder, 'deploy.git')
  const work = join(folder, 'work')
  await run('git', ['init', '--quiet', '--bare', '--initial-branch=main', path], { env })
  await run('git', ['clone', '--quiet', path, work], { env })
  const inWork = (...args: string[]) => run('git', ['-C', work, ...args], { env, maxBuffer: 1 << 24 })
  const git = async (...args: string[]) => (await run('git', ['-C', path, ...args], { env, maxBuffer: 1 << 24 })).stdout

  const commit: BareRepository['commit'] = async (changed, message = 'by hand') => {
    await inWork('fetch', '--quiet', 'origin')
    await inWork('reset', '--quiet', '--hard', 'origin/main').catch(() => undefined)
    for (const [file, content] of Object.entries(changed)) {
      await run('mkdir', ['-p', join(work, file, '..')])
      if (content === null) await rm(join(work, file))
      else await writeFile(join(work, file), content)
    }
    await inWork('add', '--all')
    await inWork('commit', '--quiet', '--allow-empty', '-m', message)
    await inWork('push', '--quiet', 'origin', 'HEAD:main')
    return (await git('rev-parse', 'main')).trim()
  }
  await commit(files, 'the beginning')
  return {
    path,
    commit,
    git,
    read: (file) => git('show', `main:${file}`),
    tip: async () => (await git('rev-parse', 'main')).trim(),
    log: async () => (await git('log', '-z', '--reverse', '--format=%B', 'main')).split('\0').filter(Boolean),
    async hook(name, script) {
      const file = join(path, 'hooks', name)
      await writeFile(file, `#!/bin/sh\n${script}\n`)
      await chmod(file, 0o755)
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}
