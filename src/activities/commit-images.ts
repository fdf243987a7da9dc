import { withGit } from '../clients/git'
import { imageIn, withImages } from '../clients/manifest-images'
import { RefitError } from '../domain/errors'
import { type EventKind, stepKeys } from '../domain/event'
import { commitIn, committedWords, commitMessage, filledIn, type Gitops, isCommitOf } from '../domain/gitops'
import type { Plan, PlannedWorkload } from '../domain/plan'
import { workloadId } from '../domain/service'
import type { Store } from '../store/contracts'
import type { ApplyStep } from './apply-images'
import { untilSynced } from './await-sync'
import type { StepVerdict } from './contracts'
import type { Dependencies } from './dependencies'

type GitopsStep = ApplyStep & { gitops: Gitops }

const defaultAuthor = 'Refit <refit@localhost>'

/**
 * Commits the images to the file that the agent applies, and waits until the live template has them. Run twice it commits
 * once: images that stand in the file already make no commit, and after one on record nothing else is accepted, so that
 * what a person reverted meanwhile is not committed again (law 8).
 */
export async function commitImages(
  deps: Pick<Dependencies, 'store' | 'kubernetes' | 'environment'>,
  step: GitopsStep,
): Promise<StepVerdict | undefined> {
  const { plan, upgradeId, workload, changes } = step
  const key = stepKeys.committed(step.step, workloadId(workload))
  const isRecorded = await deps.store.upgrades.recorded(upgradeId, key)
  const left = isRecorded ? changes.map((each) => ({ ...each, from: each.to })) : changes
  const committed = await commitOnce(deps, { ...step, changes: left })
  if (typeof committed !== 'string') return committed
  const back = step.step === 'rollback'
  const [phase, kind] = back ? (['rollback', 'restored'] as const) : (['rollout', 'patched'] as const)
  await deps.store.upgrades.record({ upgradeId, key, phase, kind: kind satisfies EventKind, message: committed })
  return untilSynced(deps.kubernetes, {
    namespace: plan.service.namespace,
    workload,
    changes,
    committed,
    ...step.gitops,
  })
}

/**
 * Whether the file still has the images that ran before. A commit stands in Git before the template shows it. True
 * without `gitops`.
 */
export async function isUncommitted(
  { environment }: Pick<Dependencies, 'environment'>,
  plan: Plan,
  workload: PlannedWorkload,
): Promise<boolean> {
  const { gitops } = plan.policy
  if (!gitops) return true
  const { file, owner } = placeOf(plan, gitops, workload)
  const { text } = await withGit(gitops, environment, (git) => git.read(file))
  return workload.containers.every((container) => {
    const found = imageIn(text, file, owner, container)
    return 'image' in found && found.image === container.from
  })
}

/** The place of a workload's images in the repository. */
export function placeOf({ service }: Pick<Plan, 'service'>, gitops: Gitops, workload: ApplyStep['workload']) {
  const names = { namespace: service.namespace, service: service.name, workload: workload.name }
  const { kind, name } = workload
  // A name may have dots in it, which are no keys.
  const path = gitops.path?.split('.').map((key) => filledIn(key, names))
  const { namespace, repository } = service
  return { file: filledIn(gitops.file, names), owner: { kind, name, namespace, repository, path } }
}

/** What was done, in words; a verdict where somebody's change is in the way. */
async function commitOnce(
  { store, environment }: Pick<Dependencies, 'store' | 'environment'>,
  { plan, planHash, upgradeId, workload, changes, step, gitops }: GitopsStep,
): Promise<string | StepVerdict> {
  const { file, owner } = placeOf(plan, gitops, workload)
  const reverts =
    step === 'rollback' ? { commit: await earlierCommit(store, upgradeId, workloadId(workload)) } : undefined
  const named = { plan, planHash, upgradeId, workload: workload.name, ...(reverts ? { reverts } : {}) }
  try {
    const { commit, changed, message } = await withGit(gitops, environment, (git) =>
      git.commit({
        file,
        edit: (text) => withImages(text, file, owner, changes),
        message: commitMessage(named),
        author: gitops.author ?? defaultAuthor,
      }),
    )
    const mine = changed || isCommitOf(message, upgradeId) ? commit : undefined
    const [{ to } = { to: '' }] = changes
    return committedWords(`${workload.name} set to ${to}`, file, gitops.branch, mine)
  } catch (error) {
    if (!(error instanceof RefitError) || error.code !== 'GIT_CONFLICT') throw error
    return { kind: 'conflict', reason: 'changed-by-somebody', sentence: error.message }
  }
}

/** The commit that a rollback takes back. */
async function earlierCommit(store: Store, upgradeId: string, workload: string): Promise<string | undefined> {
  const of = (step: ApplyStep['step']) => store.upgrades.recorded(upgradeId, stepKeys.committed(step, workload))
  return commitIn((await of('rollout'))?.message) ?? commitIn((await of('prepare'))?.message)
}
