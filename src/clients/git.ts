import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { RefitError } from '../domain/errors'
import { clean } from '../domain/text'
import { gitEnvironment, gitProblem, runGit, type Environment, type RunGit } from './git-run'

/** A branch of a repository, and the name of the variable that holds the token for it. */
export interface GitBranch {
  repository: string
  branch: string
  user?: string | undefined
  token?: string | undefined
}

export interface GitFile {
  text: string
  /** the tip of the branch, and its message */
  commit: string
  message: string
}

export interface Commit {
  file: string
  /** the new text; what it throws ends the commit before anything is pushed */
  edit: (text: string) => string
  message: string
  /** `Name <address>` */
  author: string
}

/** One branch for a short while: fetch, look, commit; nothing of it is ever checked out, so that none of its content runs. */
export interface Git {
  /** The file at the tip, as it is now. GIT_REFUSED when there is none. */
  read(file: string): Promise<GitFile>
  /**
   * Edits the file at the tip and pushes that; again on the new tip when somebody was faster. An edit that changes
   * nothing makes no commit: `changed: false`, with the tip.
   */
  commit(commit: Commit): Promise<GitFile & { changed: boolean }>
  /** Whether the server would take a push from these credentials. Throws what a push would. */
  checkPush(): Promise<void>
}

/** How often somebody may be faster before Temporal tries again later. */
const attempts = 5
/** Names with a bearing on how git writes to a tree. */
const plainFile = /^100(644|755)$/

/**
 * Opens a branch in a folder of its own, which is removed at the end. The `git` program does it: every server and proxy is
 * used to it, and it can fetch a single revision. It gets no configuration, hooks or prompts, and the token by its
 * environment only. Throws GIT_UNAVAILABLE (retryable) and GIT_REFUSED.
 */
export async function withGit<T>(
  branch: GitBranch,
  environment: Environment,
  work: (git: Git) => Promise<T>,
): Promise<T> {
  const env = gitEnvironment(branch, environment)
  const folder = await mkdtemp(join(tmpdir(), 'refit-git-'))
  try {
    const git = runGit(folder, env)
    await git(['init', '--bare', '--quiet', '--initial-branch=refit', folder], 'prepare a folder')
    return await work(opened(git, branch))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function opened(git: RunGit, { repository, branch }: GitBranch): Git {
  const ref = `refs/heads/${branch}`
  const fetch = async (): Promise<string> => {
    await git(['fetch', '--quiet', '--depth=1', '--no-tags', repository, `+${ref}:refs/refit/tip`], `fetch ${branch}`)
    return (await git(['rev-parse', 'refs/refit/tip'], 'find the tip')).trim()
  }
  const fileAt = async (tip: string, file: string): Promise<GitFile & { mode: string }> => {
    const { mode, blob } = await entryOf(git, { tip, file, branch })
    const text = await git(['cat-file', 'blob', blob], `read ${file}`)
    // Text that isn't UTF-8 would not come back as it was.
    if ((await git(['hash-object', '--stdin'], `check ${file}`, text)).trim() !== blob)
      throw gitProblem(`${file} of branch ${branch} is not UTF-8, or too big.`, 'Name another file in gitops.file.')
    const message = await git(['log', '-1', '--format=%B', tip], 'read the message of the tip')
    return { text, commit: tip, message, mode }
  }
  return {
    read: async (file) => fileAt(await fetch(), file),
    async commit({ file, edit, message, author }) {
      for (let attempt = 1; attempt <= attempts; attempt++) {
        const before = await fileAt(await fetch(), file)
        const text = edit(before.text)
        if (text === before.text) return { ...before, changed: false }
        const commit = await commitOn(git, { tip: before.commit, file, mode: before.mode, text, message, author })
        if (await pushed(git, { repository, branch, commit })) return { text, commit, message, changed: true }
      }
      throw new RefitError(
        'GIT_UNAVAILABLE',
        `Somebody was faster at each of ${attempts} pushes to ${branch}.`,
        'It is tried again.',
      )
    },
    async checkPush() {
      await git(['push', '--dry-run', '--quiet', repository, `${await fetch()}:${ref}`], `push to ${branch}`)
    },
  }
}

async function entryOf(
  git: RunGit,
  { tip, file, branch }: { tip: string; file: string; branch: string },
): Promise<{ mode: string; blob: string }> {
  const listed = await git(['ls-tree', '-z', '--full-tree', tip, '--', file], `look for ${file}`)
  const [, mode = '', blob = '', path] = /^(\d+) blob ([0-9a-f]+)\t([^\0]*)\0$/.exec(listed) ?? []
  if (path === file && plainFile.test(mode)) return { mode, blob }
  const what = listed === '' ? 'has no file' : 'has no plain file'
  throw gitProblem(`Branch ${branch} ${what} ${file}.`, 'Correct gitops.file or gitops.branch in refit.yaml.')
}

interface NewCommit {
  tip: string
  file: string
  mode: string
  text: string
  message: string
  author: string
}

/** Makes the commit from the tip's tree, without a work tree. */
async function commitOn(git: RunGit, { tip, file, mode, text, message, author }: NewCommit): Promise<string> {
  const doing = `commit ${file}`
  const blob = (await git(['hash-object', '-w', '--stdin'], doing, text)).trim()
  await git(['read-tree', tip], doing)
  await git(['update-index', '-z', '--index-info'], doing, `${mode} ${blob}\t${file}\0`)
  const tree = (await git(['write-tree'], doing)).trim()
  const [, name = '', address = ''] = /^(.*) <(.*)>$/.exec(author) ?? []
  const who = [`user.name=${name}`, `user.email=${address}`].flatMap((setting) => ['-c', setting])
  return (await git([...who, 'commit-tree', tree, '-p', tip, '-F', '-'], doing, message)).trim()
}

/** False when somebody was faster; throws when the server does not want it. */
async function pushed(
  git: RunGit,
  { repository, branch, commit }: { repository: string; branch: string; commit: string },
): Promise<boolean> {
  const rest = ['push', '--porcelain', repository, `${commit}:refs/heads/${branch}`]
  const { code, stdout, stderr } = await git.ask(rest, `push to ${branch}`)
  if (code === 0) return true
  const said = /^!\t[^\t]*\t(.*)$/m.exec(stdout)?.[1] ?? ''
  if (/\((non-fast-forward|fetch first|stale info)\)|cannot lock ref|failed to update ref|reference already/.test(said))
    return false
  if (said === '') throw git.failure(code, stderr, `push to ${branch}`)
  const words = stderr
    .split('\n')
    .filter((line) => line.startsWith('remote:'))
    .map((line) => line.slice('remote:'.length).trim())
  throw gitProblem(
    `The server does not take a push to ${branch}: ${clean([said, ...words].join('; '), 500)}.`,
    'Let the user of gitops.token push to this branch, or name another branch in refit.yaml.',
  )
}
