import type { Plan } from './plan'
import type { Owner } from './service'
import { durationWords } from './text'

/** Where in Git the images of a service stand, for an agent (Argo CD, Flux, …) that applies them. */
export interface Gitops {
  /** https URL, or the absolute path of a repository */
  repository: string
  branch: string
  /** in the repository; `{namespace}`, `{service}` and `{workload}` stand for their names */
  file: string
  /** keys to the value that holds image or tag, such as `image.tag`; absent: a manifest or a kustomization */
  path?: string | undefined
  /** who logs in with the token */
  user?: string | undefined
  /** name of the environment variable that holds it */
  token?: string | undefined
  /** `Name <address>` */
  author?: string | undefined
  /** how long the agent may take to apply a commit */
  syncWithinMs: number
}

/** The names that may stand in `file` and `path`. */
export interface Names {
  namespace: string
  service: string
  workload: string
}

/** `apps/{service}.yaml` with the names in it. */
export const filledIn = (text: string, names: Names): string =>
  text.replace(/\{(namespace|service|workload)\}/g, (_, name: keyof Names) => names[name])

/** Whether the owner of a template would take back what Refit writes. With `gitops` Refit writes where the owner reads. */
export function wouldSetBack(owner: Owner, policy: { gitops?: Gitops | undefined; helmDrift?: string }): boolean {
  if (policy.gitops) return false
  return !(owner.tool === 'helm' && policy.helmDrift === 'accept')
}

/** One step of an upgrade that commits. */
export interface CommitStep {
  plan: Plan
  planHash: string
  upgradeId: string
  workload: string
  /** a rollback: the commit that it takes back, where that is known */
  reverts?: { commit: string | undefined }
}

/** The message of Refit's commit; its trailers tell whose it is. */
export function commitMessage({ plan, planHash, upgradeId, workload, reverts }: CommitStep): string {
  const { hub, service, from, to } = plan
  const subject = `refit: ${service.namespace}/${service.name} ${from.tag} → ${to.tag}`
  const first = reverts ? `Revert "${subject}"` : subject
  const why = reverts
    ? reverts.commit
      ? `This reverts commit ${reverts.commit}.`
      : `This sets ${workload} back to ${from.tag}.`
    : `Sets ${workload} to ${to.tag}@${to.digest}.`
  const trailers = [`Refit-Hub: ${hub.name} (${hub.environment})`, ...trailersOf(upgradeId, planHash)]
  return `${first}\n\n${why}\n\n${trailers.join('\n')}\n`
}

const trailersOf = (upgradeId: string, planHash: string): string[] => [
  `Refit-Plan: ${planHash}`,
  `Refit-Upgrade: ${upgradeId}`,
]

/** Whether the message of a commit says that this upgrade made it. */
export const isCommitOf = (message: string, upgradeId: string): boolean =>
  message.split('\n').includes(`Refit-Upgrade: ${upgradeId}`)

/** What is recorded of a commit, and how a later step reads its name out of that. */
export const committedWords = (what: string, file: string, branch: string, commit: string | undefined): string =>
  commit ? `${what} in ${file} of branch ${branch}, commit ${commit}` : `${what} in ${file} of branch ${branch} already`

/** The name of the commit in what `committedWords` said. */
export const commitIn = (words: string | undefined): string | undefined =>
  /, commit ([0-9a-f]{40})$/.exec(words ?? '')?.[1]

/** The place in words: `apps/ledger.yaml of branch main of https://git.example.org/hub/deploy.git`. */
export const placeWords = ({ file, branch, repository }: Pick<Gitops, 'file' | 'branch' | 'repository'>): string =>
  `${file} of branch ${branch} of ${repository}`

/** What will be written, for people who are asked to approve it. */
export const gitopsWords = (gitops: Gitops): string =>
  `gitops: commits the image to ${placeWords(gitops)}${gitops.path === undefined ? '' : ` (${gitops.path})`} and waits at most ${durationWords(gitops.syncWithinMs)} until it is applied; the workload itself is not patched`
