import { withGit } from '../clients/git'
import { imageIn, withImages } from '../clients/manifest-images'
import { RefitError } from '../domain/errors'
import { placeWords } from '../domain/gitops'
import type { Plan } from '../domain/plan'
import type { Problem } from '../domain/preflight'
import { placeOf } from './commit-images'
import type { Dependencies } from './dependencies'

/**
 * What keeps a plan with `gitops` from being committed: a repository that can't be read or pushed to, or a file whose
 * images are not those that run. Empty for a plan without. Throws GIT_UNAVAILABLE (retryable) when the server is away.
 */
export async function gitopsProblems(
  { environment }: Pick<Dependencies, 'environment'>,
  plan: Plan,
): Promise<Problem[]> {
  const { gitops } = plan.policy
  if (!gitops) return []
  try {
    return await withGit(gitops, environment, async (git) => {
      const problems: Problem[] = []
      for (const workload of plan.workloads) {
        const place = placeOf(plan, gitops, workload)
        const { text } = await git.read(place.file)
        problems.push(
          ...workloadProblems(plan, workload, { ...place, text, where: placeWords({ ...gitops, ...place }) }),
        )
      }
      await git.checkPush()
      return problems
    })
  } catch (error) {
    if (!(error instanceof RefitError) || error.retryable) throw error
    return [{ reason: error.message.replace(/\.$/, ''), next: error.next }]
  }
}

type Workload = Plan['workloads'][number]
type Place = ReturnType<typeof placeOf> & { text: string; /** the file in words */ where: string }

function workloadProblems(plan: Plan, workload: Workload, place: Place): Problem[] {
  const { text, where, owner } = place
  const problems = workload.containers.flatMap((container): Problem[] => {
    const found = imageIn(text, where, owner, container)
    if ('problem' in found) return [{ reason: found.problem, next: correct }]
    if (found.image === container.from) return []
    const reason = `${container.name} of ${workload.name} runs ${container.from}, and ${where} says ${found.image}`
    return [{ reason, next: 'Let the agent synchronise, or correct the file; then run refit scan.' }]
  })
  if (problems.length > 0 || !keepsApart(plan) || canDiffer(workload, place)) return problems
  return [
    {
      reason: `${where} has one value for the application and the migrating init container of ${workload.name}, which a rollback must keep apart`,
      next: 'Give the init container an image of its own in Git, as in a plain manifest.',
    },
  ]
}

const correct = 'Correct gitops of the policy in refit.yaml, or the file; then run refit scan.'

/** Init containers are new while the application is old: before expand, or after a rollback. */
const keepsApart = ({ rollback }: Plan): boolean =>
  rollback.initContainers === 'keep-new' || rollback.restart === 'prepare'

/** Whether the file can have the new init containers with the old application. */
function canDiffer({ containers }: Workload, { text, where, owner }: Place): boolean {
  const init = containers.filter((each) => each.init)
  const application = containers.find((each) => !each.init)
  if (!application || init.length === 0) return true
  const found = imageIn(withImages(text, where, owner, init), where, owner, application)
  return 'image' in found && found.image === application.from
}
