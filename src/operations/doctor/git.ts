import { type GitBranch, withGit } from '../../clients/git'
import type { Config } from '../../config'
import { RefitError } from '../../domain/errors'
import type { Gitops } from '../../domain/gitops'
import { type Check, type DoctorParts, failed, ok } from './check'

/** Whether each branch that policies commit to can be read and pushed to; nothing is pushed. */
export async function checkGit({ config, environment }: Pick<DoctorParts, 'config' | 'environment'>): Promise<Check[]> {
  const read = await config().catch(() => undefined)
  if (!read || !environment) return []
  return Promise.all(branchesOf(read).map((gitops) => checkBranch(gitops, environment)))
}

/** Each repository and branch once, with every file whose name is known beforehand. */
function branchesOf({ policies }: Pick<Config, 'policies'>): (GitBranch & { files: string[] })[] {
  const branches = new Map<string, GitBranch & { files: string[] }>()
  for (const { mode, gitops } of policies) {
    if (!gitops || mode === 'watch') continue
    const { repository, branch, user, token } = gitops
    const key = JSON.stringify([repository, branch, user, token])
    const known = branches.get(key) ?? { repository, branch, user, token, files: [] }
    branches.set(key, { ...known, files: [...new Set([...known.files, ...plainFile(gitops)])] })
  }
  return [...branches.values()]
}

const plainFile = ({ file }: Gitops): string[] => (file.includes('{') ? [] : [file])

async function checkBranch(
  { files, ...branch }: GitBranch & { files: string[] },
  environment: NonNullable<DoctorParts['environment']>,
): Promise<Check> {
  const name = `git ${branch.repository}`
  const { token } = branch
  if (token !== undefined && !environment[token]?.trim())
    return {
      name,
      state: 'warn',
      message: `not checked: ${token}, the variable of its token, is not set here`,
      next: `Set ${token} where the worker runs, and here to check it.`,
    }
  try {
    await withGit(branch, environment, async (git) => {
      for (const file of files) await git.read(file)
      await git.checkPush()
    })
    return ok(name, `branch ${branch.branch} can be read and pushed to`)
  } catch (error) {
    if (error instanceof RefitError) return failed(name, error)
    throw error
  }
}
